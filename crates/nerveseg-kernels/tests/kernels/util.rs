//! Random maps, engines, comparison.

use std::sync::Arc;

use nerveseg_kernels::{Engine, Isa, Maps, MapsMut, Size, Team};
use proptest::prelude::{Just, ProptestConfig, Strategy, any, prop_oneof};
use rand::{RngExt as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;

/// One engine for every instruction set of this machine.
pub(crate) fn engines(threads: usize) -> Vec<Engine> {
    let team = Arc::new(Team::new(threads).unwrap());
    Isa::available()
        .into_iter()
        .map(|isa| Engine::with_isa(isa, Arc::clone(&team)))
        .collect()
}

/// Tries `cases` settings, or as many as `PROPTEST_CASES` says.
pub(crate) fn cases(cases: u32) -> ProptestConfig {
    let default = ProptestConfig::default();
    ProptestConfig {
        cases: match std::env::var_os("PROPTEST_CASES") {
            Some(_) => default.cases,
            None => cases,
        },
        failure_persistence: None,
        ..default
    }
}

/// Batches of maps from one pixel on, square or not, even or odd.
pub(crate) fn sizes() -> impl Strategy<Value = Size> {
    (1_usize..4, 1_usize..19, 1_usize..19).prop_map(|(batch, height, width)| Size {
        batch,
        height,
        width,
    })
}

/// Few channels, whole blocks, and numbers that fill no block.
pub(crate) fn channels() -> impl Strategy<Value = usize> + Clone {
    prop_oneof![1_usize..4, 5_usize..40, Just(16), Just(32)]
}

/// What a kernel with one input and one output is tried with.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Setting {
    pub(crate) size: Size,
    pub(crate) inputs: usize,
    pub(crate) outputs: usize,
    pub(crate) threads: usize,
    pub(crate) seed: u64,
}

pub(crate) fn settings() -> impl Strategy<Value = Setting> {
    (sizes(), channels(), channels(), 1_usize..5, any::<u64>()).prop_map(
        |(size, inputs, outputs, threads, seed)| Setting {
            size,
            inputs,
            outputs,
            threads,
            seed,
        },
    )
}

/// Values from -1 to 1 with a deviation of about `scale`·0.58.
pub(crate) fn random(len: usize, scale: f32, seed: u64) -> Vec<f32> {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    (0..len)
        .map(|_| scale * rng.random_range(-1.0_f32..1.0))
        .collect()
}

/// Plain maps `[batch, channels, height, width]` of such values.
pub(crate) fn random_maps(channels: usize, size: Size, seed: u64) -> Vec<f32> {
    random(size.batch * channels * size.pixels(), 1.0, seed)
}

/// Feature maps in the layout of an engine.
#[derive(Clone, Debug)]
pub(crate) struct Blocked {
    pub(crate) data: Vec<f32>,
    channels: usize,
    size: Size,
}

impl Blocked {
    /// Maps to be written: not zero, so that whoever forgets a lane is found out.
    pub(crate) fn fresh(engine: &Engine, channels: usize, size: Size) -> Self {
        Self {
            data: vec![f32::NAN; size.blocked_len(channels, engine.isa())],
            channels,
            size,
        }
    }

    pub(crate) fn new(engine: &Engine, plain: &[f32], channels: usize, size: Size) -> Self {
        let mut blocked = Self::fresh(engine, channels, size);
        engine.block(plain, blocked.maps_mut(), size).unwrap();
        blocked
    }

    pub(crate) fn maps(&self) -> Maps<'_> {
        Maps {
            data: &self.data,
            channels: self.channels,
        }
    }

    pub(crate) fn maps_mut(&mut self) -> MapsMut<'_> {
        MapsMut {
            data: &mut self.data,
            channels: self.channels,
        }
    }

    /// The maps in the plain layout; the lanes that hold no channel have to be zero.
    pub(crate) fn plain(&self, engine: &Engine) -> Vec<f32> {
        let lanes = engine.isa().lanes();
        let blocks = self.channels.div_ceil(lanes);
        for (i, pixel) in self.data.chunks(lanes).enumerate() {
            let block = i / self.size.pixels() % blocks;
            let padding = &pixel[(self.channels - block * lanes).min(lanes)..];
            assert!(
                padding.iter().all(|v| *v == 0.0),
                "padding lanes on {} are {padding:?}",
                engine.isa()
            );
        }
        let mut plain = vec![f32::NAN; self.size.batch * self.channels * self.size.pixels()];
        engine.unblock(self.maps(), &mut plain, self.size).unwrap();
        plain
    }
}

/// What a sum of `terms` products of random values comes to, as a rule: chance can make it smaller,
/// but not its rounding errors.
pub(crate) fn typical_sum(terms: usize) -> f64 {
    0.1 * (terms as f64).sqrt()
}

/// Largest difference, as a share of the largest expected value or, if that is more, of `typical`.
pub(crate) fn error(found: &[f32], expected: &[f64], typical: f64) -> f64 {
    assert_eq!(found.len(), expected.len());
    let scale = expected.iter().fold(typical, |most, v| most.max(v.abs()));
    found
        .iter()
        .zip(expected)
        .map(|(&a, &b)| {
            assert!(a.is_finite(), "{a} where {b} was expected");
            (f64::from(a) - b).abs() / scale
        })
        .fold(0.0, f64::max)
}

/// Fails where the [`error`] is more than `tolerance`.
pub(crate) fn assert_close(
    what: &str,
    engine: &Engine,
    found: &[f32],
    expected: &[f64],
    (tolerance, typical): (f64, f64),
) {
    let off = error(found, expected, typical);
    assert!(off <= tolerance, "{what} on {}: {off:e}", engine.isa());
}

/// Whether two lists hold the same values, for results that involve no rounding.
#[expect(
    clippy::float_cmp,
    reason = "a maximum or a copy is one of the values it was taken of"
)]
pub(crate) fn same(found: &[f32], expected: &[f64]) -> bool {
    found.len() == expected.len() && found.iter().zip(expected).all(|(&a, &b)| f64::from(a) == b)
}
