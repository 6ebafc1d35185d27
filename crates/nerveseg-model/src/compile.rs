//! The trained network as a fused plan for the CPU.

use burn::module::Param;
use burn::nn::BatchNorm;
use burn::tensor::Tensor;
use nerveseg_kernels::{
    Algorithm, Engine, KernelError, LayerWeights, NormWeights, Plan, Size, UNetWeights, UpWeights,
};

use crate::network::{ConvBlock, UNet, Up, UpConv, to_host};
use crate::{ModelError, Result};

impl UNet {
    /// Compiles the network for inference on the CPU, without Burn: normalisations folded in,
    /// layers fused, memory laid out. `size` holds the largest batch that will be run.
    ///
    /// The network is used up, so that its weights are in memory once and not three times.
    ///
    /// # Errors
    ///
    /// [`ModelError::Execution`] if the device fails to hand out the weights.
    pub fn compile(self, engine: &Engine, size: Size, algorithm: Algorithm) -> Result<Plan> {
        let blocks = |blocks: &[ConvBlock]| blocks.iter().map(block).collect::<Result<Vec<_>>>();
        let presence = self.presence.as_ref().map(|head| {
            layer(&head.weight, head.bias.as_ref()).map(|weights| LayerWeights {
                inputs: weights.weights.len(),
                outputs: 1,
                ..weights
            })
        });
        let weights = UNetWeights {
            encoder: blocks(&self.encoder)?,
            bottleneck: block(&self.bottleneck)?,
            up: self.up.iter().map(up).collect::<Result<_>>()?,
            decoder: blocks(&self.decoder)?,
            head: layer(&self.head.weight, self.head.bias.as_ref())?,
            presence: presence.transpose()?,
        };
        drop(self);
        Plan::compile(engine, weights, size, algorithm).map_err(failed)
    }
}

/// A failure inside the kernels, as one of the model.
pub(crate) fn failed(error: KernelError) -> ModelError {
    ModelError::Execution(error.to_string())
}

/// A layer as it is stored: outputs first, except where it is transposed.
fn layer<const D: usize>(
    weight: &Param<Tensor<D>>,
    bias: Option<&Param<Tensor<1>>>,
) -> Result<LayerWeights> {
    let shape = weight.dims();
    let bias = match bias {
        Some(bias) => to_host(bias.val())?,
        None => vec![0.0; shape[0]],
    };
    Ok(LayerWeights {
        inputs: shape[1],
        outputs: shape[0],
        weights: to_host(weight.val())?,
        bias,
    })
}

fn block(block: &ConvBlock) -> Result<[LayerWeights; 2]> {
    let fold = |layer: LayerWeights, by: &BatchNorm| layer.fold(&norm(by)?).map_err(failed);
    let first = layer(&block.conv1.weight, block.conv1.bias.as_ref())?;
    let second = layer(&block.conv2.weight, block.conv2.bias.as_ref())?;
    Ok([fold(first, &block.norm1)?, fold(second, &block.norm2)?])
}

fn norm(norm: &BatchNorm) -> Result<NormWeights> {
    Ok(NormWeights {
        gamma: to_host(norm.gamma.val())?,
        beta: to_host(norm.beta.val())?,
        mean: to_host(norm.running_mean.value())?,
        variance: to_host(norm.running_var.value())?,
        epsilon: norm.epsilon,
    })
}

fn up(up: &Up) -> Result<UpWeights> {
    Ok(match up.conv() {
        UpConv::Pointwise(conv) => UpWeights::Bilinear(layer(&conv.weight, conv.bias.as_ref())?),
        UpConv::Transposed(kernel, conv) => {
            let [inputs, outputs, ..] = conv.weight.dims();
            let layer = LayerWeights {
                inputs,
                outputs,
                ..layer(&conv.weight, conv.bias.as_ref())?
            };
            UpWeights::Transposed(kernel, layer)
        }
    })
}
