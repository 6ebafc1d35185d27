//! Binary cross-entropy of the presence head.

use burn::tensor::Tensor;
use nerveseg_model::UNetOutput;

use super::bce::cross_entropy;
use super::term::{Term, Truth};

/// Mean over images; nothing without a presence head.
pub(crate) struct PresenceBce;

impl Term for PresenceBce {
    const WEIGHT: f64 = 0.5;
    const TRAINS_THE_MASK: bool = false;

    fn value(output: &UNetOutput, truth: &Truth) -> Option<Tensor<1>> {
        let logits = output.presence_logits.clone()?;
        Some(cross_entropy(logits, truth.present.clone()).mean())
    }
}
