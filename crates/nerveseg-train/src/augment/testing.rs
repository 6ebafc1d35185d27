//! What the tests of all augmentations share.

use ndarray::Array2;
use rand::SeedableRng as _;
use rand_chacha::ChaCha8Rng;

use super::AugmentConfig;
use crate::sample::Sample;

/// A ramp with a nerve on it; no two sides are alike.
pub(super) fn sample() -> Sample {
    let inside = |r: usize, c: usize| (8..16).contains(&r) && (6..20).contains(&c);
    Sample {
        case_id: "1_1".parse().unwrap(),
        image: Array2::from_shape_fn((31, 45), |(r, c)| (r * 4 + c) as u8),
        target: Array2::from_shape_fn((31, 45), |(r, c)| if inside(r, c) { 255 } else { 0 }),
        present: true,
    }
}

pub(super) fn rng(seed: u64) -> ChaCha8Rng {
    ChaCha8Rng::seed_from_u64(seed)
}

/// No variation but for `switches`, lines of a file's `[augment]`.
pub(super) fn only(switches: &str) -> AugmentConfig {
    let mut settings = toml::Table::try_from(AugmentConfig::none()).unwrap();
    settings.extend(toml::from_str::<toml::Table>(switches).unwrap());
    settings.try_into().unwrap()
}

/// [`sample`], varied by `switches` alone.
pub(super) fn vary(switches: &str, rng: &mut ChaCha8Rng) -> (Array2<f32>, Array2<f32>) {
    only(switches).vary(&sample(), rng)
}
