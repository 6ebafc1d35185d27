//! The gradient of the weights.

use super::algorithm::Algorithm;
use crate::direct::{DirectGradient, Source, square};
use crate::lanes::Lanes;
use crate::planes::{Maps, Planes};
use crate::shared::Shared;
use crate::weights::{WeightLayout, WeightViewMut};
use crate::winograd::WeightGradient;
use crate::{Engine, KernelError, Size, check};

impl Engine {
    /// The gradient of a convolution's weights, from its input and the gradient of its output.
    ///
    /// # Shapes
    ///
    /// - `weights`: `[outputs, inputs, 3, 3]`, overwritten
    ///
    /// # Errors
    ///
    /// [`KernelError::Length`].
    pub fn convolution_weights_gradient(
        &self,
        input: &[Maps<'_>],
        gradient: Maps<'_>,
        weights: &mut [f32],
        size: Size,
        algorithm: Algorithm,
    ) -> Result<(), KernelError> {
        let isa = self.isa();
        let parts: Vec<usize> = input.iter().map(|part| part.channels).collect();
        let channels: usize = parts.iter().sum();
        check("weights", weights.len(), gradient.channels * channels * 9)?;
        let inputs = &Lanes::new(&parts, isa);
        let outputs = &Lanes::new(&[gradient.channels], isa);
        let input = Planes::read(input, size, isa)?;
        let gradient = Planes::read(&[gradient], size, isa)?;
        let weights = WeightViewMut {
            data: Shared::write(weights),
            layout: WeightLayout::convolution(channels, 3),
        };
        if algorithm.is_winograd(size) {
            let stage = WeightGradient {
                input,
                gradient,
                size,
                inputs,
                outputs,
                weights,
            };
            // SAFETY: lengths were checked just now.
            unsafe { self.run(&stage) };
        } else {
            let stage = DirectGradient {
                source: Source::Padded {
                    planes: input,
                    before: 1,
                    after: 1,
                },
                straight: gradient,
                size,
                taps: &square(3),
                inputs,
                outputs,
                weights,
            };
            // SAFETY: as above.
            unsafe { self.run(&stage) };
        }
        Ok(())
    }
}
