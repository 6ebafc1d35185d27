//! One probability an image.

use super::{Head, logistic};
use crate::Size;
use crate::isa::Isa;
use crate::planes::Planes;
use crate::shared::Shared;
use crate::stage::Stage;
use crate::team::{Worker, Workspace};
use crate::tile::Tiled;

/// The head of the presence: a dot product with the means of the maps, through the logistic
/// function.
pub(crate) struct PresenceStage<'a> {
    pub(super) head: &'a Head,
    pub(super) input: Planes,
    /// `[batch]`.
    pub(super) output: Shared,
    pub(super) size: Size,
}

impl Stage for PresenceStage<'_> {
    fn workspace(&self, isa: Isa) -> Workspace {
        Workspace::steps(self.input.vectors(self.size, isa))
    }

    #[inline(always)]
    unsafe fn work<S: Tiled>(&self, worker: &Worker<'_>) {
        let pixels = self.size.pixels();
        for image in worker.phase(self.size.batch) {
            // SAFETY: the caller's promise.
            unsafe {
                let weights = self.head.weights.as_slice().as_ptr();
                let mut sum = S::zero();
                for block in 0..self.input.blocks() {
                    let plane = self.input.at(image, block);
                    let mut total = S::zero();
                    for i in 0..pixels {
                        total = S::add(total, S::load(plane.add(i * S::LANES)));
                    }
                    let weight = S::load(weights.add(block * S::LANES));
                    sum = S::fma(total, weight, sum);
                }
                let logit = S::sum(sum) / pixels as f32 + self.head.bias[0];
                *self.output.add(image) = logistic(logit);
            }
        }
    }
}
