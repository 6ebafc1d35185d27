//! What training minimises: a weighted sum of terms, each a file.

mod bce;
mod dice;
mod presence;
mod term;

use burn::tensor::Tensor;
use nerveseg_model::UNetOutput;
use serde::{Deserialize, Serialize};

use self::bce::Bce;
use self::dice::SoftDice;
use self::presence::PresenceBce;
use self::term::{Term, Truth};
use crate::number::Number;

/// Writes the weights of all terms, their checks and their sum.
macro_rules! terms {
    ($($(#[$doc:meta])+ $name:ident: $term:ty,)+) => {
        /// Weights of the terms of the loss; 0 leaves a term out.
        #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
        #[serde(default, deny_unknown_fields)]
        pub struct LossConfig {
            $($(#[$doc])+ pub $name: f64,)+
        }

        impl Default for LossConfig {
            fn default() -> Self {
                Self { $($name: <$term>::WEIGHT,)+ }
            }
        }

        impl LossConfig {
            /// No term at all.
            pub fn none() -> Self {
                Self { $($name: 0.0,)+ }
            }

            /// All weights and what they may be.
            pub(crate) fn numbers(&self) -> Vec<Number> {
                vec![$((stringify!($name), self.$name, 0.0..=1e6),)+]
            }

            /// Weights of the terms that train the mask; without one, nothing would.
            pub(crate) fn of_the_mask(&self) -> Vec<(&'static str, f64)> {
                let terms = [$((<$term>::TRAINS_THE_MASK, stringify!($name), self.$name),)+];
                let trains = terms.into_iter().filter(|(trains, ..)| *trains);
                trains.map(|(_, name, weight)| (name, weight)).collect()
            }

            /// What each term that counts says, times its weight.
            fn weighted(&self, output: &UNetOutput, truth: &Truth) -> Vec<Tensor<1>> {
                let mut weighted = Vec::new();
                $(if self.$name > 0.0 && let Some(value) = <$term>::value(output, truth) {
                    weighted.push(value * self.$name);
                })+
                weighted
            }
        }
    };
}

// The order is that of the sum and of the settings in a file.
terms! {
    /// Weight of the pixels' binary cross-entropy.
    bce: Bce,
    /// Weight of the soft Dice loss.
    dice: SoftDice,
    /// Weight of the presence head's binary cross-entropy.
    presence: PresenceBce,
}

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
    let truth = Truth {
        target,
        present,
        weight,
    };
    config
        .weighted(output, &truth)
        .into_iter()
        .reduce(|sum, term| sum + term)
        .expect("a validated loss has a term")
}

#[cfg(test)]
mod tests {
    use burn::tensor::Device;

    use super::term::scalar;
    use super::*;

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
            scalar(total_loss(
                &output,
                target.clone(),
                present,
                weight,
                &config,
            ))
        };

        assert!(loss(-5.0) < 1e-6);
    }
}
