//! Initial weights drawn on the host, so one seed gives the same network on every device.

use burn::module::Param;
use burn::tensor::{Device, Tensor, TensorData};
use rand::SeedableRng as _;
use rand_chacha::ChaCha8Rng;
use rand_distr::{Distribution as _, Normal};

/// Source of initial weights.
pub(super) enum HostInit {
    /// Draws them.
    Drawn(Box<ChaCha8Rng>),
    /// Leaves Burn's parameters as they are: lazy, so a network that is filled from a file costs
    /// no memory before its tensors are known to fit.
    Lazy,
}

impl HostInit {
    pub(super) fn new(seed: u64) -> Self {
        Self::Drawn(Box::new(ChaCha8Rng::seed_from_u64(seed)))
    }

    /// Draws `weight` from a normal with variance `2 / fan_in` (He et al., 2015,
    /// arXiv:1502.01852) and sets `bias` to zero.
    pub(super) fn fill<const D: usize>(
        &mut self,
        weight: &mut Param<Tensor<D>>,
        bias: &mut Option<Param<Tensor<1>>>,
        fan_in: usize,
        device: &Device,
    ) {
        let Self::Drawn(rng) = self else { return };
        let deviation = (2.0 / fan_in.max(1) as f32).sqrt();
        let normal = Normal::new(0.0, deviation).expect("the deviation is finite and positive");
        let shape = weight.lazy_shape();
        let values: Vec<f32> = (0..shape.num_elements())
            .map(|_| normal.sample(rng))
            .collect();
        *weight = Param::from_data(TensorData::new(values, shape), device);
        if let Some(bias) = bias {
            let zeros = TensorData::zeros::<f32, _>(bias.lazy_shape());
            *bias = Param::from_data(zeros, device);
        }
    }
}
