//! Soft Dice loss.

use burn::tensor::Tensor;
use burn::tensor::activation::sigmoid;
use nerveseg_model::UNetOutput;

use super::term::{Term, Truth, flat};

/// Added to numerator and denominator, in pixels: an empty image without a false alarm has a loss
/// of 0, and one stray pixel does not cost a whole image.
const SMOOTH: f64 = 8.0;

/// Of each image, then their mean.
pub(crate) struct SoftDice;

impl Term for SoftDice {
    const WEIGHT: f64 = 1.0;
    const TRAINS_THE_MASK: bool = true;

    fn value(output: &UNetOutput, truth: &Truth) -> Option<Tensor<1>> {
        Some(truth.mean(soft_dice(output.logits.clone(), truth.target.clone())))
    }
}

/// `1 - (2·Σpt + s) / (Σp + Σt + s)` of every image (Milletari et al., 2016, with plain sums in
/// the denominator as in MONAI's `DiceLoss`).
///
/// # Shapes
///
/// - `logits`, `target`: `[batch, 1, height, width]`; output: `[batch, 1]`
fn soft_dice(logits: Tensor<4>, target: Tensor<4>) -> Tensor<2> {
    let (probabilities, target) = (flat(sigmoid(logits)), flat(target));
    let overlap = (probabilities.clone() * target.clone()).sum_dim(1);
    let total = (probabilities + target).sum_dim(1);
    let dice = overlap.mul_scalar(2.0).add_scalar(SMOOTH) / total.add_scalar(SMOOTH);
    dice.neg().add_scalar(1.0)
}

#[cfg(test)]
mod tests {
    use burn::tensor::Device;

    use super::super::term::scalar;
    use super::*;

    #[test]
    fn soft_dice_is_zero_when_right_and_near_one_when_wrong() {
        let device = Device::flex();
        let target = Tensor::<4>::ones([2, 1, 40, 30], &device);
        let logits = target.clone().mul_scalar(40.0);

        assert!(scalar(soft_dice(logits.clone(), target.clone())) < 1e-5);
        assert!(scalar(soft_dice(logits.neg(), target)) > 0.98);
    }

    #[test]
    fn an_empty_image_predicted_empty_costs_nothing() {
        let device = Device::flex();
        let target = Tensor::<4>::zeros([1, 1, 16, 16], &device);
        let logits = target.clone().sub_scalar(40.0);

        assert!(scalar(soft_dice(logits, target)) < 1e-5);
    }
}
