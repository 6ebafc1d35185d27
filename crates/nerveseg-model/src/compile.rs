//! A network's tensors as a fused plan for the CPU.

use nerveseg_kernels::{
    Algorithm, Engine, KernelError, LayerWeights, NormWeights, Plan, Size, TransposedKernel,
    UNetWeights, UpWeights,
};

use crate::tensor::NamedTensors;
use crate::{ModelError, Result, UNetConfig, Upsample};

impl UNetConfig {
    /// Compiles the network of these tensors for inference on the CPU: normalisations folded in,
    /// layers fused, memory laid out. `size` holds the largest batch that will be run; `name` is
    /// for messages.
    ///
    /// The tensors are used up, so that the weights are not in memory twice.
    ///
    /// # Errors
    ///
    /// [`ModelError::InvalidConfig`] if [`validate`](Self::validate) refuses the numbers,
    /// [`ModelError::TensorMismatch`] names the first tensor that is missing, of another shape, or
    /// left over.
    pub fn compile(
        &self,
        tensors: NamedTensors,
        name: &str,
        engine: &Engine,
        size: Size,
        algorithm: Algorithm,
    ) -> Result<Plan> {
        self.validate()?;
        self.check(&tensors)
            .map_err(|problem| ModelError::TensorMismatch {
                name: name.to_owned(),
                problem,
            })?;
        let weights = Tensors(tensors).unet(self).map_err(failed)?;
        Plan::compile(engine, weights, size, algorithm).map_err(failed)
    }
}

/// A failure inside the kernels, as one of the model.
pub(crate) fn failed(error: KernelError) -> ModelError {
    ModelError::Execution(error.to_string())
}

/// Tensors that are known to be those of the network.
struct Tensors(NamedTensors);

impl Tensors {
    /// The whole network, from its tensors by name.
    fn unet(&mut self, config: &UNetConfig) -> Result<UNetWeights, KernelError> {
        let epsilon = config.norm_epsilon;
        let levels = || 0..config.depth();
        let mut blocks = |part: &str| {
            levels()
                .map(|level| self.block(&format!("{part}.{level}"), epsilon))
                .collect::<Result<_, _>>()
        };
        Ok(UNetWeights {
            encoder: blocks("encoder")?,
            decoder: blocks("decoder")?,
            bottleneck: self.block("bottleneck", epsilon)?,
            up: levels()
                .map(|level| self.up(level, config.upsample))
                .collect(),
            head: self.layer("head"),
            presence: config
                .presence_head
                .then(|| swapped(self.layer("presence"))),
        })
    }

    /// Two convolutions, each with its normalisation folded in.
    fn block(&mut self, name: &str, epsilon: f64) -> Result<[LayerWeights; 2], KernelError> {
        let mut folded = |half: usize| {
            let norm = self.norm(&format!("{name}.norm{half}"), epsilon);
            self.layer(&format!("{name}.conv{half}")).fold(&norm)
        };
        Ok([folded(1)?, folded(2)?])
    }

    fn norm(&mut self, name: &str, epsilon: f64) -> NormWeights {
        let mut values = |tensor: &str| self.values(&format!("{name}.{tensor}")).1;
        NormWeights {
            gamma: values("gamma"),
            beta: values("beta"),
            mean: values("running_mean"),
            variance: values("running_var"),
            epsilon,
        }
    }

    fn up(&mut self, level: usize, upsample: Upsample) -> UpWeights {
        let kernel = match upsample {
            Upsample::Bilinear => {
                return UpWeights::Bilinear(self.layer(&format!("up.{level}.pointwise")));
            }
            Upsample::Transposed2x2 => TransposedKernel::TwoByTwo,
            Upsample::Transposed3x3 => TransposedKernel::ThreeByThree,
        };
        let layer = self.layer(&format!("up.{level}.transposed"));
        UpWeights::Transposed(kernel, swapped(layer))
    }

    /// A layer whose weights are stored outputs first.
    fn layer(&mut self, name: &str) -> LayerWeights {
        let (shape, weights) = self.values(&format!("{name}.weight"));
        let (_, bias) = self.values(&format!("{name}.bias"));
        LayerWeights {
            inputs: shape[1],
            outputs: shape[0],
            weights,
            bias,
        }
    }

    fn values(&mut self, name: &str) -> (Vec<usize>, Vec<f32>) {
        let tensor = self.0.remove(name).expect("it was checked");
        (tensor.shape().to_vec(), tensor.into_values())
    }
}

/// A layer whose weights are stored inputs first.
fn swapped(layer: LayerWeights) -> LayerWeights {
    LayerWeights {
        inputs: layer.outputs,
        outputs: layer.inputs,
        ..layer
    }
}
