//! How bright a frame is, how sharp, how noisy. Its mask stays where it is.

use ndarray::Array2;
use rand::{Rng, RngExt as _};
use rand_distr::{Distribution as _, StandardNormal};

use super::augmentation::{Augmentation, symmetric};
use crate::number::Number;

/// How far brightness, sharpness and noise may go.
#[derive(Clone, Debug, PartialEq)]
pub struct Intensity {
    /// Brightness factor is drawn from `1 ± gain`.
    pub gain: f64,
    /// Exponent is drawn from `1 ± gamma`.
    pub gamma: f64,
    /// Standard deviation of multiplicative noise, drawn from `0..speckle` for each image.
    pub speckle: f64,
    /// Brightness rises or falls along each axis by up to this share from the middle to the edge,
    /// as a depth gain set otherwise would do.
    pub shade: f64,
    /// Standard deviation of a blur in pixels, drawn from `0..blur` for each image.
    pub blur: f64,
}

impl Default for Intensity {
    fn default() -> Self {
        Self {
            gain: 0.2,
            gamma: 0.25,
            speckle: 0.15,
            shade: 0.0,
            blur: 0.0,
        }
    }
}

impl Augmentation for Intensity {
    fn none() -> Self {
        Self {
            gain: 0.0,
            gamma: 0.0,
            speckle: 0.0,
            shade: 0.0,
            blur: 0.0,
        }
    }

    fn numbers(&self) -> Vec<Number> {
        vec![
            ("gain", self.gain, 0.0..=0.9),
            ("gamma", self.gamma, 0.0..=0.9),
            ("speckle", self.speckle, 0.0..=1.0),
            ("shade", self.shade, 0.0..=0.9),
            ("blur", self.blur, 0.0..=10.0),
        ]
    }

    fn shade(&self, image: &mut Array2<f32>, rng: &mut impl Rng) {
        let gain = 1.0 + symmetric(self.gain, rng);
        let gamma = 1.0 + symmetric(self.gamma, rng);
        let speckle = self.speckle as f32 * rng.random::<f32>();
        let slopes = [symmetric(self.shade, rng), symmetric(self.shade, rng)];
        let blur = self.blur as f32 * rng.random::<f32>();
        if self.gain > 0.0 || self.gamma > 0.0 {
            image.mapv_inplace(|v| (gain * v.powf(gamma)).clamp(0.0, 1.0));
        }
        if self.shade > 0.0 {
            shade_linearly(image, slopes);
        }
        if blur > 0.0 {
            *image = blurred(image, blur);
        }
        if speckle > 0.0 {
            for value in image {
                let noise: f32 = StandardNormal.sample(rng);
                *value = (*value * (1.0 + speckle * noise)).clamp(0.0, 1.0);
            }
        }
    }
}

/// Multiplies by a plane that is 1 in the middle and `1 ± slope` at the edges of each axis.
fn shade_linearly(image: &mut Array2<f32>, slopes: [f32; 2]) {
    let (height, width) = image.dim();
    let offset = |at: usize, size: usize| 2.0 * (at as f32 + 0.5) / size as f32 - 1.0;
    for ((row, column), value) in image.indexed_iter_mut() {
        let factor = 1.0 + slopes[0] * offset(row, height) + slopes[1] * offset(column, width);
        *value = (*value * factor).clamp(0.0, 1.0);
    }
}

/// Gaussian blur of standard deviation `sigma` pixels; the border is repeated.
fn blurred(image: &Array2<f32>, sigma: f32) -> Array2<f32> {
    let reach = (2.5 * sigma).ceil().max(1.0) as isize;
    let kernel: Vec<f32> = (-reach..=reach)
        .map(|offset| (-0.5 * (offset as f32 / sigma).powi(2)).exp())
        .collect();
    let total: f32 = kernel.iter().sum();
    let along = |image: &Array2<f32>, axis: usize| {
        let last = image.shape()[axis] as isize - 1;
        Array2::from_shape_fn(image.dim(), |(row, column)| {
            let sum: f32 = kernel
                .iter()
                .zip(-reach..=reach)
                .map(|(weight, offset)| {
                    let mut at = [row, column];
                    at[axis] = (at[axis] as isize + offset).clamp(0, last) as usize;
                    weight * image[at]
                })
                .sum();
            sum / total
        })
    };
    along(&along(image, 0), 1)
}

#[cfg(test)]
mod tests {
    use super::super::testing::{rng, sample, vary};
    use super::*;
    use crate::sample::unit;

    #[test]
    fn each_switch_changes_the_image_and_leaves_the_target() {
        for switch in [
            "gain = 0.3",
            "gamma = 0.3",
            "speckle = 0.3",
            "shade = 0.3",
            "blur = 2.0",
        ] {
            let (image, target) = vary(switch, &mut rng(3));

            assert_ne!(image, unit(&sample().image), "{switch}");
            assert_eq!(target, unit(&sample().target), "{switch}");
            assert!(image.iter().chain(&target).all(|v| (0.0..=1.0).contains(v)));
        }
    }

    #[test]
    fn blur_keeps_a_flat_image_flat_and_spreads_a_point_evenly() {
        let flat = Array2::from_elem((9, 12), 0.4_f32);
        let mut point = Array2::zeros((21, 21));
        point[[10, 10]] = 1.0_f32;

        assert!(blurred(&flat, 1.3).iter().all(|v| (v - 0.4).abs() < 1e-6));
        let spread = blurred(&point, 1.3);
        assert!((spread.sum() - 1.0).abs() < 1e-5);
        assert!((spread[[10, 12]] - spread[[12, 10]]).abs() < 1e-7);
    }
}
