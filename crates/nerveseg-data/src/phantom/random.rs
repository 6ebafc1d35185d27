//! Randomness that does not depend on who asks first.
//!
//! Parameters come from one `ChaCha` stream per (seed, subject, frame). Fields in space (texture,
//! scatterers) come from a hash of the position, so that the same tissue looks the same from every
//! pose of the probe.

use rand::{RngExt as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;
use rand_distr::StandardNormal;

/// Generator of one subject (`frame` is `None`) or of one of its frames.
pub(super) fn stream(seed: u64, subject: u32, frame: Option<u32>) -> ChaCha8Rng {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let frame = frame.map_or(0, |frame| u64::from(frame) + 1);
    rng.set_stream((u64::from(subject) + 1) << 32 | frame);
    rng
}

/// Generator of what concerns the set as a whole.
pub(super) fn set_stream(seed: u64) -> ChaCha8Rng {
    ChaCha8Rng::seed_from_u64(seed)
}

/// A draw from the normal distribution.
pub(super) fn normal(rng: &mut ChaCha8Rng, mean: f32, sd: f32) -> f32 {
    let z: f32 = rng.sample(StandardNormal);
    mean + sd * z
}

/// A normal draw that stays within two standard deviations of its mean.
pub(super) fn bounded(rng: &mut ChaCha8Rng, mean: f32, sd: f32) -> f32 {
    let z: f32 = rng.sample(StandardNormal);
    mean + sd * z.clamp(-2.0, 2.0)
}

/// 64 well-mixed bits of a position on a grid.
#[inline]
pub(super) fn hash(key: u64, x: i32, y: i32, z: i32) -> u64 {
    let mut h = key
        ^ u64::from(x as u32).wrapping_mul(0x9e37_79b9_7f4a_7c15)
        ^ u64::from(y as u32).wrapping_mul(0xc2b2_ae3d_27d4_eb4f)
        ^ u64::from(z as u32).wrapping_mul(0x1656_67b1_9e37_79f9);
    h = (h ^ (h >> 32)).wrapping_mul(0xd6e8_feb8_6659_fd93);
    h = (h ^ (h >> 32)).wrapping_mul(0xd6e8_feb8_6659_fd93);
    h ^ (h >> 32)
}

/// Uniform value in `[-1, 1]` of a position on a grid.
#[inline]
pub(super) fn lattice(key: u64, x: i32, y: i32, z: i32) -> f32 {
    (hash(key, x, y, z) >> 40) as f32 / 8_388_608.0 - 1.0
}

/// Smooth noise along a line, about in `[-1, 1]`, with features of length 1.
pub(super) fn wander(key: u64, t: f32) -> f32 {
    let cell = t.floor();
    let weight = smooth(t - cell);
    let at = |i| lattice(key, cell as i32 + i, 0, 0);
    at(0) + (at(1) - at(0)) * weight
}

/// Cubic step from 0 to 1 on `[0, 1]`, constant outside.
#[inline]
pub(super) fn smooth(x: f32) -> f32 {
    let x = x.clamp(0.0, 1.0);
    x * x * (3.0 - 2.0 * x)
}
