//! The gradient of normalisation and ReLU together.

use super::forward::Affine;
use super::statistics::{Statistics, sums};
use crate::buffer::Buffer;
use crate::isa::Isa;
use crate::lanes::Lanes;
use crate::planes::{Maps, MapsMut, Planes};
use crate::shared::Shared;
use crate::stage::Stage;
use crate::team::{Worker, Workspace};
use crate::tile::Tiled;
use crate::{Engine, KernelError, Size, check};

/// The gradient of normalisation and ReLU together.
struct NormGradient {
    input: Planes,
    gradient: Planes,
    output: Planes,
    size: Size,
    /// `[4, lanes]`: scale, shift, mean, one over the deviation.
    affine: Shared,
    /// `[2, lanes]`: gradients of gamma and beta.
    to: Shared,
}

impl Stage for NormGradient {
    fn workspace(&self, isa: Isa) -> Workspace {
        Workspace {
            steps: 4 * self.input.vectors(self.size, isa),
            shared: self.size.batch * self.input.blocks() * 2 * isa.lanes(),
            private: 0,
        }
    }

    #[inline(always)]
    unsafe fn work<S: Tiled>(&self, worker: &Worker<'_>) {
        let (blocks, pixels) = (self.input.blocks(), self.size.pixels());
        let batch = self.size.batch;
        // SAFETY: the caller's promise.
        unsafe {
            let partial = worker.shared();
            for task in worker.phase(batch * blocks) {
                let (image, block) = (task / blocks, task % blocks);
                let input: *const f32 = self.input.at(image, block);
                let gradient: *const f32 = self.gradient.at(image, block);
                let at = |row: usize| S::load(self.affine.add((row * blocks + block) * S::LANES));
                let [scale, shift, mean, inverse] = [at(0), at(1), at(2), at(3)];
                let (betas, gammas) = sums::<S>(pixels, |i| {
                    let x = S::load(input.add(i * S::LANES));
                    let g = S::load(gradient.add(i * S::LANES));
                    let g = S::keep_if_greater(S::fma(x, scale, shift), S::zero(), g);
                    (g, S::mul(g, S::mul(S::sub(x, mean), inverse)))
                });
                let to = partial.add(task * 2 * S::LANES);
                S::store(to, gammas);
                S::store(to.add(S::LANES), betas);
            }
            for block in worker.phase(blocks) {
                for which in 0..2 {
                    let mut sum = S::zero();
                    for n in 0..batch {
                        let from = partial.add(((n * blocks + block) * 2 + which) * S::LANES);
                        sum = S::add(sum, S::load(from));
                    }
                    S::store(self.to.add((which * blocks + block) * S::LANES), sum);
                }
            }
            let share = S::set(1.0 / (batch * pixels) as f32);
            for task in worker.phase(batch * blocks) {
                let (image, block) = (task / blocks, task % blocks);
                let input: *const f32 = self.input.at(image, block);
                let gradient: *const f32 = self.gradient.at(image, block);
                let output = self.output.at(image, block);
                let at = |row: usize| S::load(self.affine.add((row * blocks + block) * S::LANES));
                let [scale, shift, mean, inverse] = [at(0), at(1), at(2), at(3)];
                let gamma = S::mul(S::load(self.to.add(block * S::LANES)), share);
                let beta = S::mul(S::load(self.to.add((blocks + block) * S::LANES)), share);
                for i in 0..pixels {
                    let x = S::load(input.add(i * S::LANES));
                    let g = S::load(gradient.add(i * S::LANES));
                    let g = S::keep_if_greater(S::fma(x, scale, shift), S::zero(), g);
                    let hat = S::mul(S::sub(x, mean), inverse);
                    let off = S::sub(S::sub(g, beta), S::mul(hat, gamma));
                    S::store(output.add(i * S::LANES), S::mul(scale, off));
                }
            }
        }
    }
}

impl Engine {
    /// The gradient of [`normalise`](Self::normalise) where the statistics are those of `input`
    /// itself: of the input into `output`; those of gamma and beta are returned.
    ///
    /// # Errors
    ///
    /// [`KernelError::Length`].
    pub fn normalise_backward(
        &self,
        input: Maps<'_>,
        gradient: Maps<'_>,
        statistics: &Statistics,
        affine: Affine<'_>,
        output: MapsMut<'_>,
        size: Size,
    ) -> Result<[Vec<f32>; 2], KernelError> {
        let channels = input.channels;
        check("channels", output.channels, channels)?;
        check("channels", gradient.channels, channels)?;
        check("gamma", affine.gamma.len(), channels)?;
        let lanes = Lanes::new(&[channels], self.isa());
        let rows = affine.rows(statistics, &lanes)?;
        let mut sums = Buffer::zeros(2 * lanes.len());
        let stage = NormGradient {
            input: Planes::read(&[input], size, self.isa())?,
            gradient: Planes::read(&[gradient], size, self.isa())?,
            output: Planes::write(&mut [output], size, self.isa())?,
            size,
            affine: Shared::read(rows.as_slice()),
            to: Shared::write(sums.as_mut_slice()),
        };
        // SAFETY: lengths were checked just now.
        unsafe { self.run(&stage) };
        let sums = sums.as_slice();
        Ok([
            sums[..channels].to_vec(),
            sums[lanes.len()..][..channels].to_vec(),
        ])
    }
}
