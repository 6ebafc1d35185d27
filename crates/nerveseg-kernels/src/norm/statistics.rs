//! Mean and variance.

use crate::buffer::Buffer;
use crate::isa::Isa;
use crate::planes::{Maps, Planes};
use crate::shared::Shared;
use crate::simd::Simd;
use crate::stage::Stage;
use crate::team::{Worker, Workspace};
use crate::tile::Tiled;
use crate::{Engine, KernelError, Size};

/// Mean and variance of every channel over a batch.
#[derive(Clone, Debug, PartialEq)]
pub struct Statistics {
    /// Means.
    pub mean: Vec<f32>,
    /// Variances, divided by the number of pixels.
    pub variance: Vec<f32>,
}

/// Sums of every lane of one plane, kept apart in a few vectors: fewer roundings, no waiting.
const APART: usize = 4;

/// Two sums over a plane of something made of every pixel.
#[inline(always)]
pub(super) unsafe fn sums<S: Simd>(
    pixels: usize,
    mut of: impl FnMut(usize) -> (S::Vector, S::Vector),
) -> (S::Vector, S::Vector) {
    // SAFETY: the caller vouches for the instruction set.
    unsafe {
        let mut first = [S::zero(); APART];
        let mut second = [S::zero(); APART];
        for start in (0..pixels).step_by(APART) {
            for i in 0..APART.min(pixels - start) {
                let (a, b) = of(start + i);
                first[i] = S::add(first[i], a);
                second[i] = S::add(second[i], b);
            }
        }
        let total = |v: [S::Vector; APART]| S::add(S::add(v[0], v[1]), S::add(v[2], v[3]));
        (total(first), total(second))
    }
}

/// Mean and variance of every lane.
struct Moments {
    input: Planes,
    size: Size,
    /// `[2, lanes]`.
    to: Shared,
}

impl Stage for Moments {
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
        // SAFETY: the caller's promise.
        unsafe {
            let moments = worker.shared();
            for task in worker.phase(self.size.batch * blocks) {
                let plane: *const f32 = self.input.at(task / blocks, task % blocks);
                let (sum, _) = sums::<S>(pixels, |i| (S::load(plane.add(i * S::LANES)), S::zero()));
                let mean = S::mul(sum, S::set(1.0 / pixels as f32));
                let (_, squares) = sums::<S>(pixels, |i| {
                    let off = S::sub(S::load(plane.add(i * S::LANES)), mean);
                    (S::zero(), S::mul(off, off))
                });
                let to = moments.add(task * 2 * S::LANES);
                S::store(to, mean);
                S::store(to.add(S::LANES), squares);
            }
            for block in worker.phase(blocks) {
                for lane in 0..S::LANES {
                    // Chan, Golub & LeVeque, 1979: moments of equal parts
                    let of = |n: usize, which: usize| {
                        f64::from(
                            *moments.add(((n * blocks + block) * 2 + which) * S::LANES + lane),
                        )
                    };
                    let count = self.size.batch as f64;
                    let mean = (0..self.size.batch).map(|n| of(n, 0)).sum::<f64>() / count;
                    let squares: f64 = (0..self.size.batch)
                        .map(|n| of(n, 1) + pixels as f64 * (of(n, 0) - mean).powi(2))
                        .sum();
                    let place = block * S::LANES + lane;
                    *self.to.add(place) = mean as f32;
                    *self.to.add(blocks * S::LANES + place) =
                        (squares / (count * pixels as f64)) as f32;
                }
            }
        }
    }
}

impl Engine {
    /// Mean and variance of every channel of a batch.
    ///
    /// # Errors
    ///
    /// [`KernelError::Length`].
    pub fn statistics(&self, input: Maps<'_>, size: Size) -> Result<Statistics, KernelError> {
        let channels = input.channels;
        let input = Planes::read(&[input], size, self.isa())?;
        let lanes = input.blocks() * self.isa().lanes();
        let mut moments = Buffer::zeros(2 * lanes);
        let stage = Moments {
            input,
            size,
            to: Shared::write(moments.as_mut_slice()),
        };
        // SAFETY: lengths were checked just now.
        unsafe { self.run(&stage) };
        let moments = moments.as_slice();
        Ok(Statistics {
            mean: moments[..channels].to_vec(),
            variance: moments[lanes..][..channels].to_vec(),
        })
    }
}
