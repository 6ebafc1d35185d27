//! A trained U-Net as plain numbers, ready to be compiled.

use crate::{KernelError, TransposedKernel, check};

/// Weights of one convolution.
#[derive(Clone, Debug, Default)]
pub struct LayerWeights {
    /// Channels in.
    pub inputs: usize,
    /// Channels out.
    pub outputs: usize,
    /// In the layout of the layer: `[outputs, inputs, k, k]`, transposed `[inputs, outputs, k, k]`.
    pub weights: Vec<f32>,
    /// `[outputs]`.
    pub bias: Vec<f32>,
}

/// A batch normalisation as training leaves it, one value a channel.
#[derive(Clone, Debug)]
pub struct NormWeights {
    /// Factor.
    pub gamma: Vec<f32>,
    /// Summand.
    pub beta: Vec<f32>,
    /// Running mean.
    pub mean: Vec<f32>,
    /// Running variance.
    pub variance: Vec<f32>,
    /// Added to the variance.
    pub epsilon: f64,
}

impl LayerWeights {
    /// Folds the normalisation that follows a convolution into it.
    ///
    /// # Errors
    ///
    /// [`KernelError::Length`] if the normalisation has other channels.
    pub fn fold(mut self, norm: &NormWeights) -> Result<Self, KernelError> {
        for values in [&norm.gamma, &norm.beta, &norm.mean, &norm.variance] {
            check("normalisation", values.len(), self.outputs)?;
        }
        check("bias", self.bias.len(), self.outputs)?;
        let row = self.weights.len() / self.outputs.max(1);
        for (channel, bias) in self.bias.iter_mut().enumerate() {
            let scale = f64::from(norm.gamma[channel])
                / (f64::from(norm.variance[channel]) + norm.epsilon).sqrt();
            for weight in &mut self.weights[channel * row..(channel + 1) * row] {
                *weight = (f64::from(*weight) * scale) as f32;
            }
            let shifted = f64::from(*bias) - f64::from(norm.mean[channel]);
            *bias = (shifted * scale + f64::from(norm.beta[channel])) as f32;
        }
        Ok(self)
    }
}

/// How a level of the decoder doubles height and width.
#[derive(Clone, Debug)]
pub enum UpWeights {
    /// A 1×1 convolution, then bilinear upsampling.
    Bilinear(LayerWeights),
    /// A transposed convolution of stride 2.
    Transposed(TransposedKernel, LayerWeights),
}

impl Default for UpWeights {
    fn default() -> Self {
        Self::Bilinear(LayerWeights::default())
    }
}

impl UpWeights {
    /// The weights of its convolution.
    pub(super) fn layer(&self) -> &LayerWeights {
        match self {
            Self::Bilinear(layer) | Self::Transposed(_, layer) => layer,
        }
    }
}

/// A whole U-Net with its normalisations folded in.
#[derive(Clone, Debug)]
pub struct UNetWeights {
    /// Two convolutions a level, from full resolution down.
    pub encoder: Vec<[LayerWeights; 2]>,
    /// The deepest level.
    pub bottleneck: [LayerWeights; 2],
    /// From the deepest level up.
    pub up: Vec<UpWeights>,
    /// From the deepest level up; inputs are those of the skip and then of `up`.
    pub decoder: Vec<[LayerWeights; 2]>,
    /// 1×1 to the logits.
    pub head: LayerWeights,
    /// From the means of the bottleneck's maps to the logit of presence.
    pub presence: Option<LayerWeights>,
}

impl UNetWeights {
    /// Channels of the image.
    pub(super) fn channels(&self) -> usize {
        self.encoder.first().unwrap_or(&self.bottleneck)[0].inputs
    }

    /// Channels of each level.
    pub(super) fn features(&self) -> Vec<usize> {
        let blocks = self.encoder.iter().chain([&self.bottleneck]);
        blocks.map(|block| block[1].outputs).collect()
    }
}
