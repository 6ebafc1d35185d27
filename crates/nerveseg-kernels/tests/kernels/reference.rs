//! The definitions, in `f64`, one loop after the other.

mod norm;
mod shape;
mod transposed;

use nerveseg_kernels::Size;

pub(crate) use norm::{Normalised, normalise, normalise_backward};
pub(crate) use shape::{pool, pool_backward, upsample, upsample_backward};
pub(crate) use transposed::{transposed, transposed_backward};

/// Plain maps in `f64`.
#[derive(Clone, Debug)]
pub(crate) struct Plain {
    pub(crate) data: Vec<f64>,
    pub(crate) channels: usize,
    pub(crate) size: Size,
}

impl Plain {
    pub(crate) fn new(data: &[f32], channels: usize, size: Size) -> Self {
        assert_eq!(data.len(), size.batch * channels * size.pixels());
        Self {
            data: data.iter().map(|&v| f64::from(v)).collect(),
            channels,
            size,
        }
    }

    pub(crate) fn zeros(channels: usize, size: Size) -> Self {
        Self {
            data: vec![0.0; size.batch * channels * size.pixels()],
            channels,
            size,
        }
    }

    /// The value at a place, zero outside.
    pub(crate) fn at(&self, n: usize, c: usize, y: isize, x: isize) -> f64 {
        if self.has(y, x) {
            self.data[self.index(n, c, y as usize, x as usize)]
        } else {
            0.0
        }
    }

    /// Whether a pixel lies inside.
    pub(crate) fn has(&self, y: isize, x: isize) -> bool {
        let (height, width) = (self.size.height as isize, self.size.width as isize);
        (0..height).contains(&y) && (0..width).contains(&x)
    }

    pub(crate) fn index(&self, n: usize, c: usize, y: usize, x: usize) -> usize {
        ((n * self.channels + c) * self.size.height + y) * self.size.width + x
    }

    /// Calls `f` with every place of a map of this shape.
    pub(crate) fn places(&self) -> impl Iterator<Item = (usize, usize, usize, usize)> + use<> {
        let (size, channels) = (self.size, self.channels);
        (0..self.data.len()).map(move |i| {
            let (x, rest) = (i % size.width, i / size.width);
            let (y, rest) = (rest % size.height, rest / size.height);
            (rest / channels, rest % channels, y, x)
        })
    }
}

/// Side of the kernel: `[outputs, inputs, side, side]`, 1 or 3.
fn side(weights: &[f32], inputs: usize, outputs: usize) -> usize {
    match weights.len() / (inputs * outputs) {
        1 => 1,
        9 => 3,
        area => unreachable!("a kernel of {area} weights"),
    }
}

/// 3×3 with padding 1, or 1×1 with none; stride 1.
pub(crate) fn convolve(input: &Plain, weights: &[f32], bias: &[f32]) -> Plain {
    let side = side(weights, input.channels, bias.len());
    let mut output = Plain::zeros(bias.len(), input.size);
    for (i, (n, o, y, x)) in output.places().enumerate() {
        let mut sum = f64::from(bias[o]);
        for c in 0..input.channels {
            for ky in 0..side {
                for kx in 0..side {
                    let weight = ((o * input.channels + c) * side + ky) * side + kx;
                    let y = (y + ky) as isize - (side / 2) as isize;
                    let x = (x + kx) as isize - (side / 2) as isize;
                    sum += f64::from(weights[weight]) * input.at(n, c, y, x);
                }
            }
        }
        output.data[i] = sum;
    }
    output
}

/// Gradients of [`convolve`]: of the input and of the weights.
pub(crate) fn convolve_backward(
    input: &Plain,
    weights: &[f32],
    gradient: &Plain,
) -> (Plain, Vec<f64>) {
    let side = side(weights, input.channels, gradient.channels);
    let mut back = Plain::zeros(input.channels, input.size);
    let mut of_weights = vec![0.0; weights.len()];
    for (i, (n, o, y, x)) in gradient.places().enumerate() {
        let g = gradient.data[i];
        for c in 0..input.channels {
            for ky in 0..side {
                for kx in 0..side {
                    let y = (y + ky) as isize - (side / 2) as isize;
                    let x = (x + kx) as isize - (side / 2) as isize;
                    if input.has(y, x) {
                        let weight = ((o * input.channels + c) * side + ky) * side + kx;
                        let place = input.index(n, c, y as usize, x as usize);
                        back.data[place] += g * f64::from(weights[weight]);
                        of_weights[weight] += g * input.data[place];
                    }
                }
            }
        }
    }
    (back, of_weights)
}

/// The sum of every channel.
pub(crate) fn channel_sums(maps: &Plain) -> Vec<f64> {
    let mut sums = vec![0.0; maps.channels];
    for (i, (_, c, _, _)) in maps.places().enumerate() {
        sums[c] += maps.data[i];
    }
    sums
}
