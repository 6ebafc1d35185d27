//! Pictures of masks over images.

mod caption;

use image::{GrayImage, Rgb, RgbImage};
use ndarray::ArrayView2;

pub use caption::{CAVEAT, captioned, with_strip};

/// Colour of the ground truth in pictures.
pub const GROUND_TRUTH: Rgb<u8> = Rgb([64, 196, 255]);
/// Colour of the prediction in pictures.
pub const PREDICTION: Rgb<u8> = Rgb([255, 176, 32]);

/// How a mask is painted.
#[derive(Clone, Copy, Debug)]
pub struct Paint {
    /// Colour of contour and fill.
    pub colour: Rgb<u8>,
    /// Opacity of the fill in `[0, 1]`; 0 paints the contour alone.
    pub fill: f32,
}

/// Paints masks over a grey image, each with its contour.
///
/// # Panics
///
/// Panics if a mask differs in size from the image.
pub fn overlay(image: &GrayImage, layers: &[(ArrayView2<'_, bool>, Paint)]) -> RgbImage {
    let (width, height) = image.dimensions();
    let mut picture = RgbImage::new(width, height);
    let (pixels, _) = picture.as_chunks_mut();
    for (pixel, &grey) in pixels.iter_mut().zip(image.as_raw()) {
        *pixel = [grey; 3];
    }
    // a contour stays visible when a large picture is shown small
    let thickness = (width.min(height) / 200) as usize + 1;
    for (mask, paint) in layers {
        assert_eq!(
            mask.dim(),
            (height as usize, width as usize),
            "mask and image must agree"
        );
        for (row, line) in mask.outer_iter().enumerate() {
            // most rows of most masks are empty
            if !line.fold(false, |any, &inside| any | inside) {
                continue;
            }
            for column in (0..line.len()).filter(|&column| line[column]) {
                let opacity = if is_edge(*mask, row, column, thickness) {
                    1.0
                } else {
                    paint.fill
                };
                let pixel = picture.get_pixel_mut(column as u32, row as u32);
                for (value, target) in pixel.0.iter_mut().zip(paint.colour.0) {
                    let mixed = f32::from(*value) * (1.0 - opacity) + f32::from(target) * opacity;
                    *value = mixed.round() as u8;
                }
            }
        }
    }
    picture
}

/// Whether a pixel of the mask lies within `thickness` of its outside along a row or column.
fn is_edge(mask: ArrayView2<'_, bool>, row: usize, column: usize, thickness: usize) -> bool {
    let (height, width) = mask.dim();
    (1..=thickness).any(|step| {
        row < step
            || column < step
            || row + step >= height
            || column + step >= width
            || !mask[[row - step, column]]
            || !mask[[row + step, column]]
            || !mask[[row, column - step]]
            || !mask[[row, column + step]]
    })
}

#[cfg(test)]
mod tests {
    use ndarray::Array2;

    use super::*;

    #[test]
    fn contour_is_solid_fill_is_mixed_and_outside_is_untouched() {
        let image = GrayImage::from_pixel(7, 5, image::Luma([100]));
        let mask =
            Array2::from_shape_fn((5, 7), |(r, c)| (1..4).contains(&r) && (2..5).contains(&c));

        let paint = Paint {
            colour: Rgb([200, 0, 0]),
            fill: 0.5,
        };
        let picture = overlay(&image, &[(mask.view(), paint)]);

        assert_eq!(picture.get_pixel(2, 1).0, [200, 0, 0]);
        assert_eq!(picture.get_pixel(3, 2).0, [150, 50, 50]);
        assert_eq!(picture.get_pixel(6, 4).0, [100, 100, 100]);
    }
}
