//! Sums over maps: the gradient of a bias.

use crate::buffer::Buffer;
use crate::isa::Isa;
use crate::planes::{Maps, Planes};
use crate::shared::Shared;
use crate::stage::Stage;
use crate::team::{Worker, Workspace};
use crate::tile::Tiled;
use crate::{Engine, KernelError, Size};

/// Sums of every lane over each plane.
struct Sums {
    input: Planes,
    size: Size,
    /// `[batch, lanes]`.
    to: Shared,
}

impl Stage for Sums {
    fn workspace(&self, isa: Isa) -> Workspace {
        Workspace::steps(self.input.vectors(self.size, isa))
    }

    #[inline(always)]
    unsafe fn work<S: Tiled>(&self, worker: &Worker<'_>) {
        let blocks = self.input.blocks();
        for task in worker.phase(self.size.batch * blocks) {
            // SAFETY: the caller's promise.
            unsafe {
                let plane = self.input.at(task / blocks, task % blocks);
                let mut sum = S::zero();
                for i in 0..self.size.pixels() {
                    sum = S::add(sum, S::load(plane.add(i * S::LANES)));
                }
                S::store(self.to.add(task * S::LANES), sum);
            }
        }
    }
}

impl Engine {
    /// The sum of every channel over all pixels of the batch: the gradient of a bias.
    ///
    /// # Errors
    ///
    /// [`KernelError::Length`].
    pub fn channel_sums(&self, input: Maps<'_>, size: Size) -> Result<Vec<f32>, KernelError> {
        let channels = input.channels;
        let input = Planes::read(&[input], size, self.isa())?;
        let lanes = input.blocks() * self.isa().lanes();
        let mut sums = Buffer::zeros(size.batch * lanes);
        let stage = Sums {
            input,
            size,
            to: Shared::write(sums.as_mut_slice()),
        };
        // SAFETY: lengths were checked just now.
        unsafe { self.run(&stage) };
        let sums = sums.as_slice();
        let sum = |channel: usize| (0..size.batch).map(|n| sums[n * lanes + channel]).sum();
        Ok((0..channels).map(sum).collect())
    }
}
