//! One frame in numbers.

use image::GrayImage;
use ndarray::{Array2, ArrayView2, Axis, Slice};
use serde::Serialize;

use super::REFERENCE_SIZE;
use super::shape::ShapeStats;
use super::texture::autocorrelation;
use crate::{Case, CaseId};

/// Number of bands that [`FrameStats::depth_bands`] cuts a frame into.
pub(super) const DEPTH_BANDS: usize = 6;

/// Width of the ring around the nerve, in pixels of a 580x420 frame.
const RING: f64 = 20.0;

/// One frame in numbers. Grey values are 0 to 255.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct FrameStats {
    /// Name of the frame.
    pub case_id: CaseId,
    /// Mean grey value.
    pub mean: f64,
    /// Standard deviation of the grey values.
    pub sd: f64,
    /// Mean grey value in six bands of equal height, from the skin down.
    pub depth_bands: [f64; DEPTH_BANDS],
    /// Autocorrelation at lag 4 pixels to the right, after removing the mean over 41x41 pixels.
    pub autocorrelation_across: f64,
    /// The same, 4 pixels down.
    pub autocorrelation_down: f64,
    /// The nerve; `None` if the mask is empty or missing.
    pub nerve: Option<NerveStats>,
}

/// The nerve of one frame in numbers.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct NerveStats {
    /// Size, place and form.
    pub shape: ShapeStats,
    /// Mean grey value inside the mask.
    pub inside: f64,
    /// Mean grey value of the ring up to 20 pixels around it (maximum distance of x and y).
    pub around: f64,
}

impl FrameStats {
    /// Measures one case.
    pub fn of(case: &Case) -> Self {
        let pixels = pixels(&case.frame.pixels);
        let mean = pixels.mean().unwrap_or_default();
        let [autocorrelation_across, autocorrelation_down] = autocorrelation(pixels.view());
        let nerve = case.mask.as_ref().and_then(|mask| {
            let shape = ShapeStats::of(mask.view())?;
            let (inside, around) = contrast(pixels.view(), mask.view());
            Some(NerveStats {
                shape,
                inside,
                around,
            })
        });
        Self {
            case_id: case.case_id,
            mean,
            sd: pixels.std(0.0),
            depth_bands: depth_bands(pixels.view()),
            autocorrelation_across,
            autocorrelation_down,
            nerve,
        }
    }
}

fn pixels(image: &GrayImage) -> Array2<f64> {
    let size = (image.height() as usize, image.width() as usize);
    Array2::from_shape_fn(size, |(y, x)| f64::from(image[(x as u32, y as u32)].0[0]))
}

fn depth_bands(pixels: ArrayView2<'_, f64>) -> [f64; DEPTH_BANDS] {
    let height = pixels.nrows();
    std::array::from_fn(|band| {
        let rows = Slice::from(height * band / DEPTH_BANDS..height * (band + 1) / DEPTH_BANDS);
        pixels.slice_axis(Axis(0), rows).mean().unwrap_or_default()
    })
}

/// Mean inside the mask and in the ring around it.
fn contrast(pixels: ArrayView2<'_, f64>, mask: ArrayView2<'_, bool>) -> (f64, f64) {
    let (height, width) = mask.dim();
    let down = ((RING * height as f64 / REFERENCE_SIZE[0]).round() as usize).max(1);
    let across = ((RING * width as f64 / REFERENCE_SIZE[1]).round() as usize).max(1);
    let grown = spread(spread(mask, across).t(), down).reversed_axes();
    let mean = |wanted: bool| {
        let (mut sum, mut count) = (0.0, 0_u32);
        for ((at, value), &near) in pixels.indexed_iter().zip(&grown) {
            if near && mask[at] == wanted {
                sum += value;
                count += 1;
            }
        }
        // a mask that fills the frame has nothing around it: no contrast
        if count == 0 {
            None
        } else {
            Some(sum / f64::from(count))
        }
    };
    let inside = mean(true).unwrap_or_default();
    (inside, mean(false).unwrap_or(inside))
}

/// Sets every pixel of a row that is within `reach` of a set one.
fn spread(mask: ArrayView2<'_, bool>, reach: usize) -> Array2<bool> {
    let mut grown = Array2::default(mask.dim());
    for (from, mut to) in mask.rows().into_iter().zip(grown.rows_mut()) {
        for (x, _) in from.iter().enumerate().filter(|&(_, &set)| set) {
            let end = (x + reach + 1).min(to.len());
            to.slice_axis_mut(Axis(0), Slice::from(x.saturating_sub(reach)..end))
                .fill(true);
        }
    }
    grown
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Mask;

    fn case(image: impl Fn(u32, u32) -> u8, mask: impl Fn(usize, usize) -> bool) -> Case {
        Case {
            case_id: CaseId {
                subject_id: Some(1),
                image_num: 2,
            },
            frame: GrayImage::from_fn(580, 420, |x, y| image::Luma([image(x, y)])).into(),
            mask: Some(Mask::from_shape_fn((420, 580), |(y, x)| mask(y, x))),
        }
    }

    #[test]
    #[expect(clippy::float_cmp, reason = "means of equal whole numbers are exact")]
    fn brightness_falls_from_band_to_band() {
        let stats = FrameStats::of(&case(|_, y| 250 - (y / 70) as u8 * 50, |_, _| false));

        assert_eq!(stats.depth_bands, [250.0, 200.0, 150.0, 100.0, 50.0, 0.0]);
        assert_eq!(stats.mean, 125.0);
        assert_eq!(stats.nerve, None);
    }

    #[test]
    #[expect(clippy::float_cmp, reason = "means of equal whole numbers are exact")]
    fn contrast_compares_the_nerve_with_its_ring_only() {
        let nerve = |y: usize, x: usize| (100..140).contains(&y) && (200..260).contains(&x);
        let image = |x: u32, y: u32| match (nerve(y as usize, x as usize), y < 160 && x < 280) {
            (true, _) => 200,
            (false, true) => 100,
            (false, false) => 0,
        };

        let nerve = FrameStats::of(&case(image, nerve)).nerve.unwrap();

        assert_eq!([nerve.inside, nerve.around], [200.0, 100.0]);
    }
}
