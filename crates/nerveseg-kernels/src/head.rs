//! The last layer, 1×1 to a few plain maps, and sums over maps.

use crate::buffer::Buffer;
use crate::isa::{Isa, Tiled};
use crate::layout::{Lanes, Maps, MapsMut, Planes};
use crate::stage::Stage;
use crate::team::{Need, Worker};
use crate::{Engine, KernelError, Size, check};

/// A 1×1 convolution to plain maps, one dot product a pixel.
#[derive(Clone, Debug)]
pub struct Head {
    channels: usize,
    outputs: usize,
    inputs: Lanes,
    /// `[outputs, lanes]`.
    weights: Buffer,
    bias: Vec<f32>,
}

impl Head {
    /// Packs `weights`, `[outputs, channels]`, and `bias`, `[outputs]`.
    ///
    /// # Errors
    ///
    /// [`KernelError::Length`].
    pub fn new(
        engine: &Engine,
        channels: usize,
        weights: &[f32],
        bias: &[f32],
    ) -> Result<Self, KernelError> {
        check("weights", weights.len(), bias.len() * channels)?;
        let inputs = Lanes::new(&[channels], engine.isa());
        let mut packed = Buffer::zeros(bias.len() * inputs.len());
        let rows = packed.as_mut_slice().chunks_exact_mut(inputs.len().max(1));
        for (row, weights) in rows.zip(weights.chunks_exact(channels.max(1))) {
            row[..channels].copy_from_slice(weights);
        }
        Ok(Self {
            channels,
            outputs: bias.len(),
            inputs,
            weights: packed,
            bias: bias.to_vec(),
        })
    }

    /// Channels of the input.
    pub(crate) fn channels(&self) -> usize {
        self.channels
    }

    /// The stage that takes the means of `input` to one probability an image.
    pub(crate) fn presence_stage(
        &self,
        input: Planes,
        output: *mut f32,
        size: Size,
    ) -> PresenceStage<'_> {
        PresenceStage {
            head: self,
            input,
            output,
            size,
        }
    }

    /// The stage that takes `input` to plain logits or, through the logistic function, to
    /// probabilities.
    pub(crate) fn stage(
        &self,
        input: Planes,
        output: *mut f32,
        size: Size,
        sigmoid: bool,
    ) -> HeadStage<'_> {
        HeadStage {
            head: self,
            input,
            output,
            size,
            sigmoid,
        }
    }
}

/// The head of the presence: a dot product with the means of the maps, through the logistic
/// function.
pub(crate) struct PresenceStage<'a> {
    head: &'a Head,
    input: Planes,
    /// `[batch]`.
    output: *mut f32,
    size: Size,
}

// SAFETY: only addresses; tasks write different images.
unsafe impl Sync for PresenceStage<'_> {}

impl Stage for PresenceStage<'_> {
    fn need(&self, isa: Isa) -> Need {
        Need::steps(self.input.vectors(self.size, isa))
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

pub(crate) struct HeadStage<'a> {
    head: &'a Head,
    input: Planes,
    output: *mut f32,
    size: Size,
    sigmoid: bool,
}

// SAFETY: only addresses; tasks write different rows.
unsafe impl Sync for HeadStage<'_> {}

impl Stage for HeadStage<'_> {
    fn need(&self, isa: Isa) -> Need {
        Need::steps(self.input.vectors(self.size, isa))
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

/// `1 / (1 + e^-x)`.
pub(crate) fn logistic(x: f32) -> f32 {
    1.0 / (1.0 + (-x).exp())
}

/// Gradients of the head: of its input, weights and bias.
struct HeadGradient<'a> {
    head: &'a Head,
    input: Planes,
    /// Plain, `[batch, outputs, height, width]`.
    gradient: *const f32,
    output: Planes,
    size: Size,
    /// `[batch, outputs, lanes]` and `[batch, outputs]`.
    weights: *mut f32,
    bias: *mut f32,
}

// SAFETY: only addresses; tasks write different planes.
unsafe impl Sync for HeadGradient<'_> {}

impl Stage for HeadGradient<'_> {
    fn need(&self, isa: Isa) -> Need {
        Need::steps(self.input.vectors(self.size, isa))
    }

    #[inline(always)]
    unsafe fn work<S: Tiled>(&self, worker: &Worker<'_>) {
        let (batch, pixels) = (self.size.batch, self.size.pixels());
        let (blocks, outputs) = (self.input.blocks(), self.head.outputs);
        let lanes = self.head.inputs.len();
        for task in worker.phase(batch * blocks) {
            let (image, block) = (task / blocks, task % blocks);
            // SAFETY: the caller's promise.
            unsafe {
                let input = self.input.at(image, block);
                let back = self.output.at(image, block);
                let weights = self.head.weights.as_slice().as_ptr().add(block * S::LANES);
                for output in 0..outputs {
                    let map = image * outputs + output;
                    let gradient = self.gradient.add(map * pixels);
                    let weight = S::load(weights.add(output * lanes));
                    let mut sum = S::zero();
                    let mut total = 0.0_f64;
                    for i in 0..pixels {
                        let g = S::splat(gradient.add(i));
                        let place = i * S::LANES;
                        let so_far = if output == 0 {
                            S::zero()
                        } else {
                            S::load(back.add(place))
                        };
                        S::store(back.add(place), S::fma(g, weight, so_far));
                        sum = S::fma(g, S::load(input.add(place)), sum);
                        if block == 0 {
                            total += f64::from(*gradient.add(i));
                        }
                    }
                    S::store(self.weights.add(map * lanes + block * S::LANES), sum);
                    if block == 0 {
                        *self.bias.add(map) = total as f32;
                    }
                }
            }
        }
    }
}

/// Sums of every lane over each plane.
struct Sums {
    input: Planes,
    size: Size,
    /// `[batch, lanes]`.
    to: *mut f32,
}

// SAFETY: only addresses; tasks write different lanes.
unsafe impl Sync for Sums {}

impl Stage for Sums {
    fn need(&self, isa: Isa) -> Need {
        Need::steps(self.input.vectors(self.size, isa))
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
        let stage = head.stage(input, logits.as_mut_ptr(), size, false);
        // SAFETY: lengths were checked just now.
        unsafe { self.run(&stage) };
        Ok(())
    }

    /// Gradients of [`head`](Self::head): of its input into `output`; those of its weights,
    /// `[outputs, channels]`, and of its bias are returned.
    ///
    /// # Errors
    ///
    /// [`KernelError::Length`].
    pub fn head_back(
        &self,
        head: &Head,
        input: Maps<'_>,
        gradient: &[f32],
        output: MapsMut<'_>,
        size: Size,
    ) -> Result<[Vec<f32>; 2], KernelError> {
        let (channels, lanes) = (input.channels, head.inputs.len());
        let maps = size.batch * head.outputs;
        check("gradient", gradient.len(), size.plain_len(head.outputs))?;
        check("channels", output.channels, channels)?;
        let input = Planes::read(&[input], size, self.isa())?;
        check("input lanes", input.blocks() * self.isa().lanes(), lanes)?;
        let (mut weights, mut bias) = (Buffer::zeros(maps * lanes), Buffer::zeros(maps));
        let stage = HeadGradient {
            head,
            input,
            gradient: gradient.as_ptr(),
            output: Planes::write(&mut [output], size, self.isa())?,
            size,
            weights: weights.as_mut_slice().as_mut_ptr(),
            bias: bias.as_mut_slice().as_mut_ptr(),
        };
        // SAFETY: lengths were checked just now.
        unsafe { self.run(&stage) };
        let (weights, bias) = (weights.as_slice(), bias.as_slice());
        let over_batch = |of: &dyn Fn(usize) -> f32| (0..size.batch).map(of).sum::<f32>();
        let mut of_weights = Vec::with_capacity(head.outputs * channels);
        let mut of_bias = Vec::with_capacity(head.outputs);
        for k in 0..head.outputs {
            for channel in 0..channels {
                of_weights.push(over_batch(&|n| {
                    weights[(n * head.outputs + k) * lanes + channel]
                }));
            }
            of_bias.push(over_batch(&|n| bias[n * head.outputs + k]));
        }
        Ok([of_weights, of_bias])
    }

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
            to: sums.as_mut_slice().as_mut_ptr(),
        };
        // SAFETY: lengths were checked just now.
        unsafe { self.run(&stage) };
        let sums = sums.as_slice();
        let sum = |channel: usize| (0..size.batch).map(|n| sums[n * lanes + channel]).sum();
        Ok((0..channels).map(sum).collect())
    }
}
