//! The last layer: 1×1 to a few plain maps, and the head of presence.

mod gradient;
mod logits;
mod presence;

use crate::buffer::Buffer;
use crate::lanes::Lanes;
use crate::planes::Planes;
use crate::shared::Shared;
use crate::{Engine, KernelError, Size, check};
pub(crate) use logits::HeadStage;
pub(crate) use presence::PresenceStage;

/// A 1×1 convolution to plain maps, one dot product a pixel.
#[derive(Clone, Debug)]
pub struct Head {
    outputs: usize,
    inputs: Lanes,
    /// `[outputs, lanes]`.
    weights: Buffer,
    bias: Vec<f32>,
}

impl Head {
    /// Packs `weights`, `[outputs, channels]`, and `bias`, `[outputs]`.
    ///
    /// # Errors
    ///
    /// [`KernelError::Length`].
    pub fn new(
        engine: &Engine,
        channels: usize,
        weights: &[f32],
        bias: &[f32],
    ) -> Result<Self, KernelError> {
        check("weights", weights.len(), bias.len() * channels)?;
        let inputs = Lanes::new(&[channels], engine.isa());
        let mut packed = Buffer::zeros(bias.len() * inputs.len());
        let rows = packed.as_mut_slice().chunks_exact_mut(inputs.len().max(1));
        for (row, weights) in rows.zip(weights.chunks_exact(channels.max(1))) {
            row[..channels].copy_from_slice(weights);
        }
        Ok(Self {
            outputs: bias.len(),
            inputs,
            weights: packed,
            bias: bias.to_vec(),
        })
    }

    /// The stage that takes the means of `input` to one probability an image.
    pub(crate) fn presence_stage(
        &self,
        input: Planes,
        output: Shared,
        size: Size,
    ) -> PresenceStage<'_> {
        PresenceStage {
            head: self,
            input,
            output,
            size,
        }
    }

    /// The stage that takes `input` to plain logits or, through the logistic function, to
    /// probabilities.
    pub(crate) fn stage(
        &self,
        input: Planes,
        output: Shared,
        size: Size,
        sigmoid: bool,
    ) -> HeadStage<'_> {
        HeadStage {
            head: self,
            input,
            output,
            size,
            sigmoid,
        }
    }
}

/// `1 / (1 + e^-x)`.
fn logistic(x: f32) -> f32 {
    1.0 / (1.0 + (-x).exp())
}
