//! Binary cross-entropy of the pixels.

use burn::tensor::Tensor;
use burn::tensor::activation::log_sigmoid;
use nerveseg_model::UNetOutput;

use super::term::{Term, Truth, flat};

/// Mean over the pixels of each image, then over images.
pub(crate) struct Bce;

impl Term for Bce {
    const WEIGHT: f64 = 1.0;
    const TRAINS_THE_MASK: bool = true;

    fn value(output: &UNetOutput, truth: &Truth) -> Option<Tensor<1>> {
        let pixels = cross_entropy(flat(output.logits.clone()), flat(truth.target.clone()));
        Some(truth.mean(pixels.mean_dim(1)))
    }
}

/// Binary cross-entropy from logits, `(1 - t)·x - log σ(x)`, which never takes `log 0`.
///
/// # Shapes
///
/// - `logits`, `target` and output: alike
pub(super) fn cross_entropy<const D: usize>(logits: Tensor<D>, target: Tensor<D>) -> Tensor<D> {
    target.neg().add_scalar(1.0) * logits.clone() - log_sigmoid(logits)
}

#[cfg(test)]
mod tests {
    use burn::tensor::Device;

    use super::super::term::scalar;
    use super::*;

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

        assert!((scalar(cross_entropy(logits, target)) - textbook).abs() < 1e-6);
        let huge = Tensor::<2>::from_floats([[-1e4, 1e4]], &device);
        let wrong = Tensor::<2>::from_floats([[1.0, 0.0]], &device);
        assert!((scalar(cross_entropy(huge, wrong)) - 1e4).abs() < 1.0);
    }
}
