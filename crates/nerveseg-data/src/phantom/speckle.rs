//! Random scatterers seen through a pulse: blurred complex fields whose envelope is speckle.

use super::canvas::Canvas;
use super::random::{hash, lattice};

/// Distance along the neck over which the scatterers in the plane are replaced.
const SLAB: f32 = 10.0;

/// Scatterers of one subject under one pose.
pub(super) struct Scatterers {
    pub(super) key: u64,
    /// Position of the plane along the neck.
    pub(super) t: f32,
    /// Shift of the tissue in the frame, in reference pixels.
    pub(super) shift: [f32; 2],
}

/// Size of the pulse, as standard deviations in reference pixels, at a depth from 0 to 1.
#[derive(Clone, Debug)]
pub(super) struct Pulse {
    /// Blur across at the focus.
    pub(super) across: f32,
    /// Growth of the blur across, away from the focus.
    pub(super) spread: f32,
    /// Depth of the focus, from 0 to 1.
    pub(super) focus: f32,
    /// Blur down at the surface; it grows by half towards the bottom.
    pub(super) down: f32,
    /// Blur of the intensity relative to that of the pulse: scanners average views from several
    /// directions, which evens the speckle out.
    pub(super) compound: f32,
}

impl Pulse {
    /// Standard deviations `[across, down]` at a depth.
    fn at(&self, depth: f32) -> [f32; 2] {
        let across = self.across + self.spread * (depth - self.focus).abs();
        [across, self.down * (1.0 + 0.5 * depth)]
    }
}

/// Intensity of the echoes per pixel: speckle of the scatterers, and the smooth surfaces.
pub(super) fn intensity(canvas: &Canvas, scatterers: &Scatterers, pulse: &Pulse) -> Vec<f32> {
    let [mut real, mut imaginary, mut mirror] = scatter(canvas, scatterers);
    for plane in [&mut real, &mut imaginary] {
        blur(plane, canvas, Sum::OfSquares, |depth| pulse.at(depth));
    }
    blur(&mut mirror, canvas, Sum::OfWeights, |depth| pulse.at(depth));
    for ((real, imaginary), mirror) in real.iter_mut().zip(&imaginary).zip(&mirror) {
        // a surface interferes with the scatterers around it
        let echo = *real + std::f32::consts::SQRT_2 * mirror;
        *real = 0.5 * (echo * echo + imaginary * imaginary);
    }
    let compound = |depth| {
        let [across, down] = pulse.at(depth);
        [pulse.compound * across, 1.2 * pulse.compound * down]
    };
    blur(&mut real, canvas, Sum::OfWeights, compound);
    real
}

/// Scatterers of random amplitude and phase (real and imaginary part) and the smooth surfaces.
fn scatter(canvas: &Canvas, scatterers: &Scatterers) -> [Vec<f32>; 3] {
    let slab = (scatterers.t / SLAB).floor();
    let (sin, cos) = ((scatterers.t / SLAB - slab) * std::f32::consts::FRAC_PI_2).sin_cos();
    let offset = [0, 1].map(|axis| (scatterers.shift[axis] * canvas.scale[axis]).round() as i32);
    let mut planes = [0; 3].map(|_| Vec::with_capacity(canvas.texels.len()));
    for (index, texel) in canvas.texels.iter().enumerate() {
        let (row, column) = (index / canvas.width, index % canvas.width);
        let (x, y) = (column as i32 - offset[0], row as i32 - offset[1]);
        let near = hash(scatterers.key, x, y, slab as i32);
        let far = hash(scatterers.key, x, y, slab as i32 + 1);
        let amplitude = decibel(texel.diffuse);
        for (part, plane) in planes.iter_mut().take(2).enumerate() {
            // uniform values of variance 1: the blur makes them normal
            let value = |bits: u64| (f32::from((bits >> (16 * part)) as u16) - 32767.5) / 18918.6;
            plane.push(amplitude * (cos * value(near) + sin * value(far)));
        }
        planes[2].push(texel.mirror);
    }
    planes
}

/// Amplitude of a level in dB.
#[inline]
pub(super) fn decibel(level: f32) -> f32 {
    // ln(10) / 20
    (level * 0.115_129_25).exp()
}

/// What a kernel is scaled to: the sum keeps a mean, the sum of squares keeps noise as strong.
#[derive(Clone, Copy)]
pub(super) enum Sum {
    OfWeights,
    OfSquares,
}

/// Blurs with a Gaussian whose standard deviations `[across, down]` change with depth.
pub(super) fn blur(plane: &mut [f32], canvas: &Canvas, sum: Sum, sigma: impl Fn(f32) -> [f32; 2]) {
    let (width, height) = (canvas.width, canvas.height);
    let kernels: Vec<[Vec<f32>; 2]> = (0..height)
        .map(|row| {
            let sigma = sigma((row as f32 + 0.5) / height as f32);
            [0, 1].map(|axis| kernel(sigma[axis] * canvas.scale[axis], sum))
        })
        .collect();
    let mut padded = Vec::new();
    for (values, [kernel, _]) in plane.chunks_exact_mut(width).zip(&kernels) {
        let radius = kernel.len() / 2;
        padded.clear();
        padded.resize(radius, values[0]);
        padded.extend_from_slice(values);
        padded.resize(width + 2 * radius, values[width - 1]);
        values.fill(0.0);
        for (tap, weight) in kernel.iter().enumerate() {
            accumulate(values, &padded[tap..], *weight);
        }
    }
    // columns row by row, so that memory is read in order
    let source = plane.to_vec();
    for ((row, values), [_, kernel]) in plane.chunks_exact_mut(width).enumerate().zip(&kernels) {
        let radius = kernel.len() / 2;
        values.fill(0.0);
        for (tap, weight) in kernel.iter().enumerate() {
            let from = (row + tap).saturating_sub(radius).min(height - 1);
            accumulate(values, &source[from * width..], *weight);
        }
    }
}

fn accumulate(values: &mut [f32], from: &[f32], weight: f32) {
    for (value, from) in values.iter_mut().zip(from) {
        *value += weight * from;
    }
}

fn kernel(sigma: f32, sum: Sum) -> Vec<f32> {
    let radius = (2.5 * sigma).ceil() as i32;
    let mut kernel: Vec<f32> = (-radius..=radius)
        .map(|i| (-0.5 * (i as f32 / sigma.max(1e-3)).powi(2)).exp())
        .collect();
    let norm = match sum {
        Sum::OfWeights => kernel.iter().sum::<f32>(),
        Sum::OfSquares => kernel
            .iter()
            .map(|weight| weight * weight)
            .sum::<f32>()
            .sqrt(),
    };
    for weight in &mut kernel {
        *weight /= norm;
    }
    kernel
}

/// Noise of the electronics, fresh in every frame, in `[-1, 1]`.
#[inline]
pub(super) fn hiss(key: u64, column: usize, row: usize) -> f32 {
    lattice(key, column as i32, row as i32, 7)
}
