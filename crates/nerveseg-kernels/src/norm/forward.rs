//! Normalisation with ReLU.

use super::statistics::Statistics;
use crate::buffer::Buffer;
use crate::isa::Isa;
use crate::lanes::Lanes;
use crate::planes::{Maps, MapsMut, Planes};
use crate::shared::Shared;
use crate::stage::Stage;
use crate::team::{Worker, Workspace};
use crate::tile::Tiled;
use crate::{Engine, KernelError, Size, check};

/// What a normalisation multiplies and adds, one value a channel.
#[derive(Clone, Copy, Debug)]
pub struct Affine<'a> {
    /// Factor.
    pub gamma: &'a [f32],
    /// Summand.
    pub beta: &'a [f32],
    /// Added to the variance.
    pub epsilon: f32,
}

/// `max(0, x·scale + shift)`.
struct Normalise {
    input: Planes,
    output: Planes,
    size: Size,
    /// `[2, lanes]`: scale and shift.
    affine: Shared,
}

impl Stage for Normalise {
    fn workspace(&self, isa: Isa) -> Workspace {
        Workspace::steps(self.input.vectors(self.size, isa))
    }

    #[inline(always)]
    unsafe fn work<S: Tiled>(&self, worker: &Worker<'_>) {
        let blocks = self.input.blocks();
        for task in worker.phase(self.size.batch * blocks) {
            let (image, block) = (task / blocks, task % blocks);
            // SAFETY: the caller's promise.
            unsafe {
                let (input, output) = (self.input.at(image, block), self.output.at(image, block));
                let scale = S::load(self.affine.add(block * S::LANES));
                let shift = S::load(self.affine.add((blocks + block) * S::LANES));
                for i in 0..self.size.pixels() {
                    let value = S::fma(S::load(input.add(i * S::LANES)), scale, shift);
                    S::store(output.add(i * S::LANES), S::max(S::zero(), value));
                }
            }
        }
    }
}

impl Affine<'_> {
    /// Rows of lanes: scale, shift, mean, one over the deviation.
    pub(super) fn rows(
        &self,
        statistics: &Statistics,
        lanes: &Lanes,
    ) -> Result<Buffer, KernelError> {
        let channels = self.gamma.len();
        check("beta", self.beta.len(), channels)?;
        check("mean", statistics.mean.len(), channels)?;
        check("variance", statistics.variance.len(), channels)?;
        let mut rows = Buffer::zeros(4 * lanes.len());
        let to = rows.as_mut_slice();
        for lane in 0..lanes.len() {
            let Some(c) = lanes.channel(lane) else {
                continue;
            };
            let inverse =
                1.0 / (f64::from(statistics.variance[c]) + f64::from(self.epsilon)).sqrt();
            let scale = f64::from(self.gamma[c]) * inverse;
            let shift = f64::from(self.beta[c]) - f64::from(statistics.mean[c]) * scale;
            let values = [scale, shift, f64::from(statistics.mean[c]), inverse];
            for (row, value) in values.into_iter().enumerate() {
                to[row * lanes.len() + lane] = value as f32;
            }
        }
        Ok(rows)
    }
}

impl Engine {
    /// `max(0, gamma·(x - mean) / √(variance + epsilon) + beta)`.
    ///
    /// # Errors
    ///
    /// [`KernelError::Length`].
    pub fn normalise(
        &self,
        input: Maps<'_>,
        statistics: &Statistics,
        affine: Affine<'_>,
        output: MapsMut<'_>,
        size: Size,
    ) -> Result<(), KernelError> {
        check("channels", output.channels, input.channels)?;
        check("gamma", affine.gamma.len(), input.channels)?;
        let lanes = Lanes::new(&[input.channels], self.isa());
        let rows = affine.rows(statistics, &lanes)?;
        let stage = Normalise {
            input: Planes::read(&[input], size, self.isa())?,
            output: Planes::write(&mut [output], size, self.isa())?,
            size,
            affine: Shared::read(rows.as_slice()),
        };
        // SAFETY: lengths were checked just now.
        unsafe { self.run(&stage) };
        Ok(())
    }
}
