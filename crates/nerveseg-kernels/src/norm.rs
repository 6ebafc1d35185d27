//! Batch normalisation with ReLU, forward and backward (Ioffe & Szegedy, 2015, arXiv:1502.03167).

use crate::buffer::Buffer;
use crate::isa::{Isa, Tiled};
use crate::layout::{Lanes, Maps, MapsMut, Planes};
use crate::simd::Simd;
use crate::stage::Stage;
use crate::team::{Need, Worker};
use crate::{Engine, KernelError, Size, check};

/// Mean and variance of every channel over a batch.
#[derive(Clone, Debug, PartialEq)]
pub struct Statistics {
    /// Means.
    pub mean: Vec<f32>,
    /// Variances, divided by the number of pixels.
    pub variance: Vec<f32>,
}

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

/// Sums of every lane of one plane, kept apart in a few vectors: fewer roundings, no waiting.
const APART: usize = 4;

/// Two sums over a plane of something made of every pixel.
#[inline(always)]
unsafe fn sums<S: Simd>(
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
    to: *mut f32,
}

// SAFETY: only addresses; tasks write different lanes.
unsafe impl Sync for Moments {}

impl Stage for Moments {
    fn need(&self, isa: Isa) -> Need {
        Need {
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

/// `max(0, x·scale + shift)`.
struct Normalise {
    input: Planes,
    output: Planes,
    size: Size,
    /// `[2, lanes]`: scale and shift.
    affine: *const f32,
}

// SAFETY: only addresses; tasks write different planes.
unsafe impl Sync for Normalise {}

impl Stage for Normalise {
    fn need(&self, isa: Isa) -> Need {
        Need::steps(self.input.vectors(self.size, isa))
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

/// The gradient of normalisation and ReLU together.
struct NormGradient {
    input: Planes,
    gradient: Planes,
    output: Planes,
    size: Size,
    /// `[4, lanes]`: scale, shift, mean, one over the deviation.
    affine: *const f32,
    /// `[2, lanes]`: gradients of gamma and beta.
    to: *mut f32,
}

// SAFETY: only addresses; tasks write different planes or lanes.
unsafe impl Sync for NormGradient {}

impl Stage for NormGradient {
    fn need(&self, isa: Isa) -> Need {
        Need {
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

impl Statistics {
    /// Rows of lanes: scale, shift, mean, one over the deviation.
    fn rows(&self, affine: Affine<'_>, lanes: &Lanes) -> Result<Buffer, KernelError> {
        let channels = affine.gamma.len();
        check("beta", affine.beta.len(), channels)?;
        check("mean", self.mean.len(), channels)?;
        check("variance", self.variance.len(), channels)?;
        let mut rows = Buffer::zeros(4 * lanes.len());
        let to = rows.as_mut_slice();
        for lane in 0..lanes.len() {
            let Some(c) = lanes.channel(lane) else {
                continue;
            };
            let inverse = 1.0 / (f64::from(self.variance[c]) + f64::from(affine.epsilon)).sqrt();
            let scale = f64::from(affine.gamma[c]) * inverse;
            let shift = f64::from(affine.beta[c]) - f64::from(self.mean[c]) * scale;
            let values = [scale, shift, f64::from(self.mean[c]), inverse];
            for (row, value) in values.into_iter().enumerate() {
                to[row * lanes.len() + lane] = value as f32;
            }
        }
        Ok(rows)
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
            to: moments.as_mut_slice().as_mut_ptr(),
        };
        // SAFETY: lengths were checked just now.
        unsafe { self.run(&stage) };
        let moments = moments.as_slice();
        Ok(Statistics {
            mean: moments[..channels].to_vec(),
            variance: moments[lanes..][..channels].to_vec(),
        })
    }

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
        let rows = statistics.rows(affine, &lanes)?;
        let stage = Normalise {
            input: Planes::read(&[input], size, self.isa())?,
            output: Planes::write(&mut [output], size, self.isa())?,
            size,
            affine: rows.as_slice().as_ptr(),
        };
        // SAFETY: lengths were checked just now.
        unsafe { self.run(&stage) };
        Ok(())
    }

    /// The gradient of [`normalise`](Self::normalise) where the statistics are those of `input`
    /// itself: of the input into `output`; those of gamma and beta are returned.
    ///
    /// # Errors
    ///
    /// [`KernelError::Length`].
    pub fn normalise_back(
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
        let rows = statistics.rows(affine, &lanes)?;
        let mut sums = Buffer::zeros(2 * lanes.len());
        let stage = NormGradient {
            input: Planes::read(&[input], size, self.isa())?,
            gradient: Planes::read(&[gradient], size, self.isa())?,
            output: Planes::write(&mut [output], size, self.isa())?,
            size,
            affine: rows.as_slice().as_ptr(),
            to: sums.as_mut_slice().as_mut_ptr(),
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
