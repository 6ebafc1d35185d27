//! What training minimises.

use burn::tensor::Tensor;
use burn::tensor::activation::{log_sigmoid, sigmoid};
use nerveseg_model::UNetOutput;

use crate::config::LossConfig;

/// Added to numerator and denominator of the soft Dice, in pixels: an empty image without a
/// false alarm has a loss of 0, and one stray pixel does not cost a whole image.
const DICE_SMOOTH: f64 = 8.0;

/// Weighted sum of the terms of `config`.
///
/// # Shapes
///
/// - `target`: `[batch, 1, height, width]`, in `[0, 1]`
/// - `present`: `[batch, 1]`, 0 or 1
/// - `weight`: `[batch, 1]`, what the mask of each image counts
/// - output: `[1]`
pub fn total_loss(
    output: &UNetOutput,
    target: Tensor<4>,
    present: Tensor<2>,
    weight: Tensor<2>,
    config: &LossConfig,
) -> Tensor<1> {
    let mut terms = Vec::new();
    if config.bce > 0.0 {
        let [batch, channels, height, width] = target.dims();
        let shape = [batch, channels * height * width];
        let logits = output.logits.clone().reshape(shape);
        let bce = elementwise_bce(logits, target.clone().reshape(shape)).mean_dim(1);
        terms.push((bce * weight.clone()).mean() * config.bce);
    }
    if config.dice > 0.0 {
        let dice = soft_dice(output.logits.clone(), target);
        terms.push((dice * weight).mean() * config.dice);
    }
    if let (Some(logits), true) = (&output.presence_logits, config.presence > 0.0) {
        terms.push(bce_with_logits(logits.clone(), present) * config.presence);
    }
    terms
        .into_iter()
        .reduce(|sum, term| sum + term)
        .expect("a validated loss has a term")
}

/// Mean binary cross-entropy from logits, `(1 - t)·x - log σ(x)`, which never takes `log 0`.
///
/// # Shapes
///
/// - `logits`, `target`: alike; output: `[1]`
pub fn bce_with_logits<const D: usize>(logits: Tensor<D>, target: Tensor<D>) -> Tensor<1> {
    elementwise_bce(logits, target).mean()
}

fn elementwise_bce<const D: usize>(logits: Tensor<D>, target: Tensor<D>) -> Tensor<D> {
    target.neg().add_scalar(1.0) * logits.clone() - log_sigmoid(logits)
}

/// `1 - (2·Σpt + s) / (Σp + Σt + s)` of every image (Milletari et al., 2016, with plain sums in
/// the denominator as in MONAI's `DiceLoss`).
///
/// # Shapes
///
/// - `logits`, `target`: `[batch, 1, height, width]`; output: `[batch, 1]`
pub fn soft_dice(logits: Tensor<4>, target: Tensor<4>) -> Tensor<2> {
    let [batch, channels, height, width] = target.dims();
    let shape = [batch, channels * height * width];
    let probabilities = sigmoid(logits).reshape(shape);
    let target = target.reshape(shape);
    let overlap = (probabilities.clone() * target.clone()).sum_dim(1);
    let total = (probabilities + target).sum_dim(1);
    let dice = overlap.mul_scalar(2.0).add_scalar(DICE_SMOOTH) / total.add_scalar(DICE_SMOOTH);
    dice.neg().add_scalar(1.0)
}

#[cfg(test)]
mod tests {
    use burn::tensor::{Device, Tensor};

    use super::*;

    fn value<const D: usize>(loss: Tensor<D>) -> f64 {
        loss.mean().into_scalar::<f32>().into()
    }

    #[test]
    fn an_image_of_no_weight_has_no_say() {
        let device = Device::flex();
        let config = LossConfig::default();
        let target = Tensor::<4>::ones([2, 1, 8, 8], &device);
        let loss = |wrong: f32| {
            let right = Tensor::<4>::full([1, 1, 8, 8], 30.0, &device);
            let logits = Tensor::cat(vec![right, Tensor::full([1, 1, 8, 8], wrong, &device)], 0);
            let output = UNetOutput {
                logits,
                presence_logits: None,
            };
            let weight = Tensor::<2>::from_floats([[1.0], [0.0]], &device);
            let present = Tensor::ones([2, 1], &device);
            value(total_loss(
                &output,
                target.clone(),
                present,
                weight,
                &config,
            ))
        };

        assert!(loss(-5.0) < 1e-6);
    }

    #[test]
    fn bce_agrees_with_the_textbook_and_survives_huge_logits() {
        let device = Device::flex();
        let logits = Tensor::<2>::from_floats([[0.3, -1.2], [2.0, 0.0]], &device);
        let target = Tensor::<2>::from_floats([[1.0, 0.0], [0.25, 0.5]], &device);
        let textbook = [(0.3_f64, 1.0), (-1.2, 0.0), (2.0, 0.25), (0.0, 0.5)]
            .map(|(x, t): (f64, f64)| {
                let p = 1.0 / (1.0 + (-x).exp());
                -(t * p.ln() + (1.0 - t) * (1.0 - p).ln())
            })
            .iter()
            .sum::<f64>()
            / 4.0;

        assert!((value(bce_with_logits(logits, target)) - textbook).abs() < 1e-6);
        let huge = Tensor::<2>::from_floats([[-1e4, 1e4]], &device);
        let wrong = Tensor::<2>::from_floats([[1.0, 0.0]], &device);
        assert!((value(bce_with_logits(huge, wrong)) - 1e4).abs() < 1.0);
    }

    #[test]
    fn soft_dice_is_zero_when_right_and_near_one_when_wrong() {
        let device = Device::flex();
        let target = Tensor::<4>::ones([2, 1, 40, 30], &device);
        let logits = target.clone().mul_scalar(40.0);

        assert!(value(soft_dice(logits.clone(), target.clone())) < 1e-5);
        assert!(value(soft_dice(logits.neg(), target)) > 0.98);
    }

    #[test]
    fn an_empty_image_predicted_empty_costs_nothing() {
        let device = Device::flex();
        let target = Tensor::<4>::zeros([1, 1, 16, 16], &device);
        let logits = target.clone().sub_scalar(40.0);

        assert!(value(soft_dice(logits, target)) < 1e-5);
    }
}
