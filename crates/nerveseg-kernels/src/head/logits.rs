//! One value a pixel.

use super::{Head, logistic};
use crate::isa::Isa;
use crate::planes::{Maps, Planes};
use crate::shared::Shared;
use crate::stage::Stage;
use crate::team::{Worker, Workspace};
use crate::tile::Tiled;
use crate::{Engine, KernelError, Size, check};

/// The head over every pixel, to plain maps.
pub(crate) struct HeadStage<'a> {
    pub(super) head: &'a Head,
    pub(super) input: Planes,
    pub(super) output: Shared,
    pub(super) size: Size,
    /// Takes the logits through the logistic function.
    pub(super) sigmoid: bool,
}

impl Stage for HeadStage<'_> {
    fn workspace(&self, isa: Isa) -> Workspace {
        Workspace::steps(self.input.vectors(self.size, isa))
    }

    #[inline(always)]
    unsafe fn work<S: Tiled>(&self, worker: &Worker<'_>) {
        let Size {
            batch,
            height,
            width,
        } = self.size;
        let blocks = self.input.blocks();
        for task in worker.phase(batch * height) {
            let (image, y) = (task / height, task % height);
            for output in 0..self.head.outputs {
                // SAFETY: the caller's promise.
                unsafe {
                    let weights = self.head.weights.as_slice().as_ptr();
                    let weights = weights.add(output * self.head.inputs.len());
                    let to = self
                        .output
                        .add(((image * self.head.outputs + output) * height + y) * width);
                    for x in 0..width {
                        let mut sum = S::zero();
                        for block in 0..blocks {
                            let from = self.input.at(image, block).add((y * width + x) * S::LANES);
                            let weight = S::load(weights.add(block * S::LANES));
                            sum = S::fma(S::load(from), weight, sum);
                        }
                        let logit = S::sum(sum) + self.head.bias[output];
                        *to.add(x) = if self.sigmoid { logistic(logit) } else { logit };
                    }
                }
            }
        }
    }
}

impl Engine {
    /// Applies the head.
    ///
    /// # Shapes
    ///
    /// - `logits`: `[batch, outputs, height, width]`
    ///
    /// # Errors
    ///
    /// [`KernelError::Length`].
    pub fn head(
        &self,
        head: &Head,
        input: Maps<'_>,
        logits: &mut [f32],
        size: Size,
    ) -> Result<(), KernelError> {
        check("logits", logits.len(), size.plain_len(head.outputs))?;
        let input = Planes::read(&[input], size, self.isa())?;
        check(
            "input lanes",
            input.blocks() * self.isa().lanes(),
            head.inputs.len(),
        )?;
        let stage = head.stage(input, Shared::write(logits), size, false);
        // SAFETY: lengths were checked just now.
        unsafe { self.run(&stage) };
        Ok(())
    }
}
