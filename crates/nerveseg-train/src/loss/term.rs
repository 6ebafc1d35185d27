//! What every term of the loss has in common.

use burn::tensor::Tensor;
use nerveseg_model::UNetOutput;

/// One term of the loss.
pub(crate) trait Term {
    /// What it counts unless a file says otherwise.
    const WEIGHT: f64;

    /// Whether it teaches the network a mask.
    const TRAINS_THE_MASK: bool;

    /// Its value, unweighted; nothing where the network lacks what it looks at. Shape: `[1]`.
    fn value(output: &UNetOutput, truth: &Truth) -> Option<Tensor<1>>;
}

/// What a batch should come out as.
#[derive(Clone, Debug)]
pub(crate) struct Truth {
    /// Soft targets in `[0, 1]`. Shape: `[batch, 1, height, width]`.
    pub(crate) target: Tensor<4>,
    /// 1 where the image shows a nerve, else 0. Shape: `[batch, 1]`.
    pub(crate) present: Tensor<2>,
    /// What the mask of each image counts. Shape: `[batch, 1]`.
    pub(crate) weight: Tensor<2>,
}

impl Truth {
    /// Mean over a batch of what was found for each image, by what its mask counts.
    ///
    /// # Shapes
    ///
    /// - `of_images`: `[batch, 1]`; output: `[1]`
    pub(super) fn mean(&self, of_images: Tensor<2>) -> Tensor<1> {
        (of_images * self.weight.clone()).mean()
    }
}

/// `[batch, channels, height, width]` as `[batch, pixels]`.
pub(super) fn flat(pixels: Tensor<4>) -> Tensor<2> {
    let [batch, channels, height, width] = pixels.dims();
    pixels.reshape([batch, channels * height * width])
}

/// The mean of a loss, on the host.
#[cfg(test)]
pub(super) fn scalar<const D: usize>(loss: Tensor<D>) -> f64 {
    loss.mean().into_scalar::<f32>().into()
}
