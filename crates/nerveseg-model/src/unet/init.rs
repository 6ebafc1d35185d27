//! Initial weights drawn on the host, so one seed gives the same network on every device.

use burn::tensor::TensorData;
use rand::SeedableRng as _;
use rand_chacha::ChaCha8Rng;
use rand_distr::{Distribution as _, Normal};

/// Source of initial weights.
pub(crate) struct HostInit {
    rng: ChaCha8Rng,
}

impl HostInit {
    pub(crate) fn new(seed: u64) -> Self {
        Self {
            rng: ChaCha8Rng::seed_from_u64(seed),
        }
    }

    /// Normal with variance `2 / fan_in` (He et al., 2015, arXiv:1502.01852).
    pub(crate) fn he_normal<const D: usize>(
        &mut self,
        shape: [usize; D],
        fan_in: usize,
    ) -> TensorData {
        let deviation = (2.0 / fan_in.max(1) as f32).sqrt();
        let normal = Normal::new(0.0, deviation).expect("the deviation is finite and positive");
        let count = shape.iter().product();
        let values: Vec<f32> = (0..count).map(|_| normal.sample(&mut self.rng)).collect();
        TensorData::new(values, shape)
    }
}
