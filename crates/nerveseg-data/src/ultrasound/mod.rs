//! Does this picture look like an ultrasound frame at all?
//!
//! A handful of numbers that any B-mode frame from a linear probe has in common: many grey levels,
//! speckle that is smooth across the beam and rough along it, detail at more than one scale, no
//! colour. The limits sit far from every real frame measured (see `docs/audit.md`), so that a flag
//! means something; a clever forgery passes.

pub(crate) mod cells;
mod margin;
mod measure;

use image::GrayImage;
use serde::Serialize;

use cells::{band_pass, cells};
use margin::margin_fraction;
use measure::{deviation, flat_fraction, histogram, mean_squared_change, variance};

/// Width at which the speckle is compared four pixels apart, in pixels.
const REFERENCE_WIDTH: f64 = 580.0;
/// Distance of compared pixels at [`REFERENCE_WIDTH`], in pixels.
const REFERENCE_LAG: f64 = 4.0;
/// Keeps the anisotropy finite for frames that do not change across.
const TINY: f64 = 1e-6;

/// Limits of what passes as an ultrasound frame.
///
/// The range seen in 1 935 labelled and 40 unlabelled UNS frames and 204 frames from another
/// machine is given with each.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct FrameLimits {
    /// Shorter side, in pixels.
    pub min_side_px: u32,
    /// Standard deviation of the grey values, in grey levels. Real frames: 22 to 65.
    pub min_contrast: f64,
    /// The same, at most.
    pub max_contrast: f64,
    /// Grey values that occur at all. Real frames: 188 to 256.
    pub min_grey_levels: usize,
    /// Standard deviation of the band-passed frame over that of the frame. Real frames: 0.35 to 0.95.
    pub min_detail: f64,
    /// Correlation of pixels 0.7 % of the width apart. Real frames: 0.92 to 0.99.
    pub min_correlation: f64,
    /// The same, at most.
    pub max_correlation: f64,
    /// How much faster the picture changes downwards than across. Real frames: 3.3 to 16.
    pub min_anisotropy: f64,
    /// The same, at most.
    pub max_anisotropy: f64,
    /// Fraction of pixels in areas of one grey value that is not black. Real frames: 0 to 0.13.
    pub max_flat_fraction: f64,
    /// Fraction of pixels that lie empty around what the picture shows. Real frames: 0.02 to 0.56.
    pub max_margin_fraction: f64,
    /// Fraction of pixels that are clearly coloured. Real frames: 0 to 0.002.
    pub max_colour_fraction: f64,
}

impl Default for FrameLimits {
    fn default() -> Self {
        Self {
            min_side_px: 64,
            min_contrast: 15.0,
            max_contrast: 78.0,
            min_grey_levels: 100,
            min_detail: 0.2,
            min_correlation: 0.6,
            max_correlation: 0.996,
            min_anisotropy: 2.0,
            max_anisotropy: 40.0,
            max_flat_fraction: 0.4,
            max_margin_fraction: 0.65,
            max_colour_fraction: 0.01,
        }
    }
}

/// Numbers that describe one frame.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct FrameFeatures {
    /// Standard deviation of the grey values, in grey levels.
    pub contrast: f64,
    /// Grey values that occur at all.
    pub grey_levels: usize,
    /// Standard deviation of the band-passed frame over that of the frame.
    pub detail: f64,
    /// Correlation of pixels 0.7 % of the width apart, across.
    pub correlation: f64,
    /// Mean squared change downwards over mean squared change across, at the same distance.
    pub anisotropy: f64,
    /// Fraction of pixels that equal the pixel to the left and the one below and are not black.
    pub flat_fraction: f64,
    /// Fraction of pixels that a straight line from an edge reaches without a change of grey.
    pub margin_fraction: f64,
}

impl FrameFeatures {
    /// Measures a frame.
    pub fn measure(image: &GrayImage) -> Self {
        Self::with_cells(image, &cells(image))
    }

    /// Measures a frame whose descriptor cells are known already.
    pub(crate) fn with_cells(image: &GrayImage, cells: &[f32]) -> Self {
        let histogram = histogram(image);
        let variance = variance(&histogram);
        let lag = (f64::from(image.width()) * REFERENCE_LAG / REFERENCE_WIDTH).round() as usize;
        let [across, down] = mean_squared_change(image, lag.max(1));
        let passed = band_pass(cells);
        Self {
            contrast: variance.sqrt(),
            grey_levels: histogram.iter().filter(|&&count| count > 0).count(),
            detail: deviation(&passed) / deviation(cells).max(TINY),
            correlation: 1.0 - across / (2.0 * variance.max(TINY)),
            anisotropy: down / across.max(TINY),
            flat_fraction: flat_fraction(image),
            margin_fraction: margin_fraction(image),
        }
    }

    /// First reason why the frame is not like an ultrasound scan of the neck, `None` if it does.
    pub fn objection(&self, image: &GrayImage, limits: &FrameLimits) -> Option<String> {
        let [width, height] = [image.width(), image.height()];
        if width.min(height) < limits.min_side_px {
            return Some(format!(
                "only {width}x{height} pixels, expected at least {} on each side",
                limits.min_side_px
            ));
        }
        if self.contrast < limits.min_contrast {
            return Some(format!(
                "blank: grey values vary by {:.1}, expected at least {}",
                self.contrast, limits.min_contrast
            ));
        }
        if self.grey_levels < limits.min_grey_levels {
            return Some(format!(
                "drawn or text-like: {} grey levels, expected at least {}",
                self.grey_levels, limits.min_grey_levels
            ));
        }
        if self.flat_fraction > limits.max_flat_fraction {
            return Some(format!(
                "drawn: {:.0} % of the pixels lie in areas of one grey value, expected at most \
                 {:.0} %",
                100.0 * self.flat_fraction,
                100.0 * limits.max_flat_fraction
            ));
        }
        if self.correlation < limits.min_correlation {
            return Some(format!(
                "noise: neighbours across correlate by {:.2}, expected at least {}",
                self.correlation, limits.min_correlation
            ));
        }
        if self.correlation > limits.max_correlation {
            return Some(format!(
                "a smooth gradient: neighbours across correlate by {:.3}, expected at most {}",
                self.correlation, limits.max_correlation
            ));
        }
        if self.detail < limits.min_detail {
            return Some(format!(
                "a smooth gradient: detail {:.2}, expected at least {}",
                self.detail, limits.min_detail
            ));
        }
        if self.anisotropy < limits.min_anisotropy {
            return Some(format!(
                "no speckle pattern, or rotated: changes {:.1} times faster down than across, \
                 expected at least {}",
                self.anisotropy, limits.min_anisotropy
            ));
        }
        if self.anisotropy > limits.max_anisotropy {
            return Some(format!(
                "stripes: changes {:.0} times faster down than across, expected at most {}",
                self.anisotropy, limits.max_anisotropy
            ));
        }
        if self.contrast > limits.max_contrast {
            return Some(format!(
                "harder than ultrasound: grey values vary by {:.0}, expected at most {}",
                self.contrast, limits.max_contrast
            ));
        }
        if self.margin_fraction > limits.max_margin_fraction {
            return Some(format!(
                "a small part of a larger picture: {:.0} % of it lie empty at its edges, expected at \
                 most {:.0} %",
                100.0 * self.margin_fraction,
                100.0 * limits.max_margin_fraction
            ));
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use image::{GrayImage, Luma};
    use rand::{RngExt as _, SeedableRng as _};
    use rand_chacha::ChaCha8Rng;

    use super::*;

    fn objection(image: &GrayImage) -> Option<String> {
        FrameFeatures::measure(image).objection(image, &FrameLimits::default())
    }

    fn assert_objects(image: &GrayImage, reason: &str) {
        let found = objection(image).unwrap_or_default();
        assert!(
            found.contains(reason),
            "`{found}` should mention `{reason}`"
        );
    }

    #[test]
    fn blank_noise_gradient_checkerboard_and_drawing_are_flagged() {
        let mut rng = ChaCha8Rng::seed_from_u64(7);
        let size = [145, 105];
        let make = |pixel: &mut dyn FnMut(u32, u32) -> u8| {
            GrayImage::from_fn(size[0], size[1], |x, y| Luma([pixel(x, y)]))
        };

        assert_objects(&make(&mut |_, _| 80), "blank");
        assert_objects(&make(&mut |_, _| rng.random()), "noise");
        assert_objects(&make(&mut |x, _| (x * 255 / 145) as u8), "gradient");
        assert_objects(&make(&mut |_, y| (y * 255 / 105) as u8), "gradient");
        assert_objects(
            &make(&mut |x, y| ((x / 8 + y / 8) % 2 * 255) as u8),
            "grey levels",
        );
        let mut dirty = |x, y| ((x / 16 + y / 16) % 2 * 180 + x % 7 * 4 + y % 5 * 6) as u8;
        assert!(
            objection(&make(&mut dirty)).is_some(),
            "unclean checkerboard"
        );
        let mut icon = |x: u32, y: u32| match x.abs_diff(70).max(y.abs_diff(50)) {
            0..30 => (x * 3 + y * 2) as u8,
            _ => 240,
        };
        assert_objects(&make(&mut icon), "drawn");
        assert_objects(&GrayImage::new(20, 200), "only 20x200");
        assert_objects(&GrayImage::new(0, 0), "only 0x0");
    }

    #[test]
    fn horizontal_speckle_passes_and_the_same_turned_by_90_degrees_does_not() {
        let mut rng = ChaCha8Rng::seed_from_u64(8);
        let noise: Vec<f64> = (0..145 * 105).map(|_| rng.random_range(0.0..1.0)).collect();
        let frame = GrayImage::from_fn(145, 105, |x, y| {
            let window = x.saturating_sub(9)..(x + 10).min(145);
            let count = window.len() as f64;
            let mean = window
                .map(|x| noise[(y / 2 * 145 + x) as usize])
                .sum::<f64>()
                / count;
            Luma([((mean - 0.25) * 400.0 * (1.2 - f64::from(y) / 200.0)).clamp(0.0, 255.0) as u8])
        });

        assert_eq!(objection(&frame), None);
        assert_objects(&image::imageops::rotate90(&frame), "rotated");
    }
}
