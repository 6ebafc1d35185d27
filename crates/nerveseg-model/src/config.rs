//! Hyper-parameters of the network and the presets that name them.

use serde::{Deserialize, Serialize};

use crate::ModelError;

/// How the decoder doubles height and width.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Upsample {
    /// 3×3 transposed convolution, stride 2, "same" padding: the seed network's choice.
    Transposed3x3,
    /// 2×2 transposed convolution, stride 2: the choice of Ronneberger et al., 2015.
    Transposed2x2,
    /// 1×1 convolution to the skip's channels, then bilinear ×2 (half-pixel centres).
    Bilinear,
}

/// Hyper-parameters of a [`UNet`](crate::UNet) (Ronneberger et al., 2015, arXiv:1505.04597).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UNetConfig {
    /// Channels of the input image, 1 for ultrasound.
    pub in_channels: usize,
    /// Channels per level, from full resolution down; the last one is the bottleneck.
    pub features: Vec<usize>,
    /// How the decoder doubles height and width.
    pub upsample: Upsample,
    /// Probability of dropping an activation after each pool and each concatenation.
    pub dropout: f64,
    /// Whether a head at the bottleneck says if a nerve is there at all.
    pub presence_head: bool,
    /// Added to the variance in batch normalisation.
    pub norm_epsilon: f64,
    /// Weight of the newest batch in the running statistics (Keras calls `1 - this` momentum).
    pub norm_momentum: f64,
}

impl UNetConfig {
    /// The seed system's network: 2,164,305 parameters, transposed 3×3, Keras's normalisation.
    pub fn seed() -> Self {
        Self {
            in_channels: 1,
            features: vec![16, 32, 64, 128, 256],
            upsample: Upsample::Transposed3x3,
            dropout: 0.05,
            presence_head: false,
            norm_epsilon: 1e-3,
            norm_momentum: 0.01,
        }
    }

    /// Ours: bilinear upsampling that ONNX can express, and a presence head.
    pub fn standard() -> Self {
        Self {
            in_channels: 1,
            features: vec![16, 32, 64, 128, 256],
            upsample: Upsample::Bilinear,
            dropout: 0.0,
            presence_head: true,
            norm_epsilon: 1e-5,
            norm_momentum: 0.1,
        }
    }

    /// A toy of the same make as [`standard`](Self::standard), for tests and demonstrations.
    pub fn small() -> Self {
        Self {
            features: vec![8, 16, 32, 64],
            ..Self::standard()
        }
    }

    /// Number of times the network halves the image.
    pub fn depth(&self) -> usize {
        self.features.len().saturating_sub(1)
    }

    /// Height and width are padded to multiples of this number inside the network.
    pub fn stride(&self) -> usize {
        1 << self.depth()
    }

    /// Checks that a network can be built from these numbers.
    ///
    /// # Errors
    ///
    /// [`ModelError::InvalidConfig`] says which number is out of range.
    pub fn validate(&self) -> Result<(), ModelError> {
        let problem = if !(2..=8).contains(&self.features.len()) {
            format!(
                "`features` has {} levels, expected 2 to 8",
                self.features.len()
            )
        } else if self.features.iter().any(|c| !(1..=4096).contains(c)) {
            format!(
                "`features` is {:?}, expected 1 to 4096 channels a level",
                self.features
            )
        } else if !(1..=16).contains(&self.in_channels) {
            format!("`in_channels` is {}, expected 1 to 16", self.in_channels)
        } else if !(0.0..1.0).contains(&self.dropout) {
            format!("`dropout` is {}, expected [0, 1)", self.dropout)
        } else if !(self.norm_epsilon.is_finite() && self.norm_epsilon > 0.0) {
            format!(
                "`norm_epsilon` is {}, expected a positive number",
                self.norm_epsilon
            )
        } else if !(0.0..=1.0).contains(&self.norm_momentum) {
            format!("`norm_momentum` is {}, expected [0, 1]", self.norm_momentum)
        } else {
            return Ok(());
        };
        Err(ModelError::InvalidConfig(problem))
    }
}
