//! Gradients of the head.

use super::Head;
use crate::buffer::Buffer;
use crate::isa::Isa;
use crate::planes::{Maps, MapsMut, Planes};
use crate::shared::Shared;
use crate::stage::Stage;
use crate::team::{Worker, Workspace};
use crate::tile::Tiled;
use crate::{Engine, KernelError, Size, check};

/// Gradients of the head: of its input, weights and bias.
struct HeadGradient<'a> {
    head: &'a Head,
    input: Planes,
    /// Plain, `[batch, outputs, height, width]`.
    gradient: Shared,
    output: Planes,
    size: Size,
    /// `[batch, outputs, lanes]` and `[batch, outputs]`.
    weights: Shared,
    bias: Shared,
}

impl Stage for HeadGradient<'_> {
    fn workspace(&self, isa: Isa) -> Workspace {
        Workspace::steps(self.input.vectors(self.size, isa))
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

impl Engine {
    /// Gradients of [`head`](Self::head): of its input into `output`; those of its weights,
    /// `[outputs, channels]`, and of its bias are returned.
    ///
    /// # Errors
    ///
    /// [`KernelError::Length`].
    pub fn head_backward(
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
            gradient: Shared::read(gradient),
            output: Planes::write(&mut [output], size, self.isa())?,
            size,
            weights: Shared::write(weights.as_mut_slice()),
            bias: Shared::write(bias.as_mut_slice()),
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
}
