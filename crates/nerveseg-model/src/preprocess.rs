//! From an image to the network's input and back to the image's own size: once, for training,
//! evaluation and serving alike.

use fast_image_resize::images::{TypedImage, TypedImageRef};
use fast_image_resize::pixels::{F32, U8};
use fast_image_resize::{FilterType, PixelTrait, ResizeAlg, ResizeOptions, Resizer};
use image::GrayImage;
use ndarray::{Array2, ArrayView2, Ix2, SliceInfo, SliceInfoElem, s};
use serde::{Deserialize, Serialize};

use crate::{ModelError, Result};

/// How grey values become the numbers that the network sees.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "kind")]
pub enum Normalisation {
    /// `grey / 255`, as the seed system does.
    Unit,
    /// Zero mean and unit variance over the resized image, so gain and brightness cancel.
    PerImage,
}

/// How an image is brought to the network's shape.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Fit {
    /// It fills the network's input, whatever its aspect.
    #[default]
    Stretch,
    /// It keeps its aspect, in the middle of its own mean grey.
    Pad,
}

impl Fit {
    /// As artifacts were before there was a choice: then it goes without saying.
    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes it so")]
    fn is_stretch(&self) -> bool {
        *self == Self::Stretch
    }
}

/// The part of the network's input that an image takes up, in pixels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Part {
    /// Row and column of its first pixel.
    pub origin: [usize; 2],
    /// Its height and width.
    pub size: [usize; 2],
}

impl Part {
    /// It in an array of the network's size.
    pub(crate) fn slice(self) -> SliceInfo<[SliceInfoElem; 2], Ix2, Ix2> {
        let ([top, left], [height, width]) = (self.origin, self.size);
        s![top..top + height, left..left + width]
    }
}

/// From an image to the network's input.
///
/// The image is resized with a triangle filter (bilinear, its support widened when shrinking so
/// that every source pixel counts, as PIL's `BILINEAR` does) and then normalised.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Preprocess {
    /// Height of the network's input in pixels.
    pub height: usize,
    /// Width of the network's input in pixels.
    pub width: usize,
    /// Whether an image keeps its aspect.
    #[serde(default, skip_serializing_if = "Fit::is_stretch")]
    pub fit: Fit,
    /// How grey values become numbers.
    pub normalisation: Normalisation,
}

impl Preprocess {
    /// Checks that the size is one a network can take.
    ///
    /// # Errors
    ///
    /// [`ModelError::InvalidConfig`] if a side is 0 or beyond 4096.
    pub fn validate(&self) -> Result<()> {
        if [self.height, self.width]
            .iter()
            .all(|side| (1..=4096).contains(side))
        {
            return Ok(());
        }
        let (height, width) = (self.height, self.width);
        Err(ModelError::InvalidConfig(format!(
            "input is {height}x{width}, expected 1 to 4096"
        )))
    }

    /// Where an image of `size` = `[height, width]` lies in the network's input.
    pub fn part(&self, size: [usize; 2]) -> Part {
        let whole = [self.height, self.width];
        let taken = match self.fit {
            Fit::Stretch => whole,
            Fit::Pad => {
                let scales = [0, 1].map(|axis| whole[axis] as f64 / size[axis] as f64);
                let scale = scales[0].min(scales[1]);
                [0, 1].map(|axis| {
                    let length = (size[axis] as f64 * scale).round() as usize;
                    length.clamp(1, whole[axis])
                })
            }
        };
        Part {
            origin: [0, 1].map(|axis| (whole[axis] - taken[axis]) / 2),
            size: taken,
        }
    }

    /// Turns an image into the network's input.
    ///
    /// # Returns
    ///
    /// Normalised values, shape `[height, width]` of the network.
    ///
    /// # Errors
    ///
    /// [`ModelError::EmptyImage`] if the image has no pixels.
    pub fn image(&self, image: &GrayImage) -> Result<Array2<f32>> {
        let mut values = self.resized(image)?;
        self.normalise(&mut values);
        Ok(values)
    }

    /// The first half of [`image`](Self::image): resized, in `[0, 1]`, not yet normalised.
    ///
    /// # Errors
    ///
    /// [`ModelError::EmptyImage`] if the image has no pixels.
    pub fn resized(&self, image: &GrayImage) -> Result<Array2<f32>> {
        let (width, height) = image.dimensions();
        if width == 0 || height == 0 {
            return Err(ModelError::EmptyImage { width, height });
        }
        let part = self.part([height as usize, width as usize]);
        let values = resize_u8([height, width], image.as_raw(), part.size);
        let mean = values.mean().expect("an image has pixels");
        Ok(self.padded(values, part, mean))
    }

    /// The second half of [`image`](Self::image): normalises values in `[0, 1]` in place.
    pub fn normalise(&self, values: &mut Array2<f32>) {
        match self.normalisation {
            Normalisation::Unit => {}
            Normalisation::PerImage => {
                let count = values.len() as f64;
                let mean = values.iter().map(|&v| f64::from(v)).sum::<f64>() / count;
                let square = |&v: &f32| (f64::from(v) - mean).powi(2);
                let variance = values.iter().map(square).sum::<f64>() / count;
                // a blank image has no contrast to stretch: leave it at zero
                let scale = 1.0 / variance.sqrt().max(1e-3);
                values.mapv_inplace(|v| ((f64::from(v) - mean) * scale) as f32);
            }
        }
    }

    /// Turns a mask into the network's target by the same resize: soft at the edges, in `[0, 1]`.
    ///
    /// # Panics
    ///
    /// Panics if the mask has no pixels.
    pub fn target(&self, mask: ArrayView2<'_, bool>) -> Array2<f32> {
        let (height, width) = mask.dim();
        let pixels: Vec<u8> = mask
            .iter()
            .map(|&inside| if inside { 255 } else { 0 })
            .collect();
        let part = self.part([height, width]);
        let values = resize_u8([height as u32, width as u32], &pixels, part.size);
        self.padded(values, part, 0.0)
    }

    /// `values` as the `part` of an input that is `fill` around it.
    fn padded(&self, values: Array2<f32>, part: Part, fill: f32) -> Array2<f32> {
        if part.size == [self.height, self.width] {
            return values;
        }
        let mut input = Array2::from_elem((self.height, self.width), fill);
        input.slice_mut(part.slice()).assign(&values);
        input
    }

    /// Brings the map of an image's [`part`](Self::part) back to the image's size by the same
    /// filter.
    ///
    /// # Shapes
    ///
    /// - `map`: `[height, width]` of the part
    /// - output: `size` = `[height, width]` of the image
    pub fn restore(map: ArrayView2<'_, f32>, size: [usize; 2]) -> Array2<f32> {
        let (height, width) = map.dim();
        if [height, width] == size {
            return map.to_owned();
        }
        let map = map.as_standard_layout();
        let pixels = map.as_slice().expect("a standard layout is one slice");
        let pixels: Vec<F32> = pixels.iter().map(|&value| F32::new(value)).collect();
        let resized = resize([height as u32, width as u32], &pixels, size);
        let values = resized.pixels().iter().map(|pixel| pixel.0).collect();
        Array2::from_shape_vec((size[0], size[1]), values).expect("the resizer keeps the size")
    }
}

/// Resizes 8-bit pixels and scales them to `[0, 1]`.
fn resize_u8(from: [u32; 2], pixels: &[u8], to: [usize; 2]) -> Array2<f32> {
    let pixels: Vec<U8> = pixels.iter().map(|&value| U8::new(value)).collect();
    let resized = resize(from, &pixels, to);
    let values = resized.pixels().iter();
    let values = values.map(|pixel| f32::from(pixel.0) / 255.0).collect();
    Array2::from_shape_vec((to[0], to[1]), values).expect("the resizer keeps the size")
}

/// Resizes with the triangle filter; sizes are `[height, width]`.
fn resize<P: PixelTrait>(from: [u32; 2], pixels: &[P], to: [usize; 2]) -> TypedImage<'static, P> {
    let source = TypedImageRef::new(from[1], from[0], pixels).expect("length follows the size");
    let mut target = TypedImage::new(to[1] as u32, to[0] as u32);
    let options = ResizeOptions::new().resize_alg(ResizeAlg::Convolution(FilterType::Bilinear));
    Resizer::new()
        .resize_typed(&source, &mut target, &options)
        .expect("no part is cut out");
    target
}

#[cfg(test)]
mod tests {
    use super::*;

    fn preprocess(height: usize, width: usize) -> Preprocess {
        Preprocess {
            height,
            width,
            fit: Fit::Stretch,
            normalisation: Normalisation::Unit,
        }
    }

    fn padding(height: usize, width: usize) -> Preprocess {
        Preprocess {
            fit: Fit::Pad,
            ..preprocess(height, width)
        }
    }

    #[test]
    fn a_constant_image_stays_constant_at_any_size() {
        let image = GrayImage::from_pixel(23, 17, image::Luma([51]));

        let values = preprocess(9, 40).image(&image).unwrap();

        assert_eq!(values.dim(), (9, 40));
        assert!(values.iter().all(|v| (v - 0.2).abs() < 1e-6));
    }

    #[test]
    fn left_stays_left_and_top_stays_top() {
        let image = GrayImage::from_fn(40, 20, |x, y| {
            image::Luma([if x < 10 && y < 5 { 255 } else { 0 }])
        });

        let values = preprocess(8, 8).image(&image).unwrap();

        assert!(values[[0, 0]] > 0.9 && values[[7, 0]] < 0.1 && values[[0, 7]] < 0.1);
    }

    #[test]
    fn per_image_normalisation_cancels_gain_and_offset() {
        let normal = Preprocess {
            normalisation: Normalisation::PerImage,
            ..preprocess(17, 23)
        };
        let dark = GrayImage::from_fn(23, 17, |x, y| image::Luma([(x + 2 * y) as u8]));
        let bright = GrayImage::from_fn(23, 17, |x, y| image::Luma([(40 + 3 * (x + 2 * y)) as u8]));

        let difference = normal.image(&dark).unwrap() - normal.image(&bright).unwrap();

        assert!(difference.iter().all(|d| d.abs() < 1e-4));
    }

    #[test]
    fn a_blank_image_becomes_zero_not_nan() {
        let normal = Preprocess {
            normalisation: Normalisation::PerImage,
            ..preprocess(8, 8)
        };

        let values = normal.image(&GrayImage::new(5, 5)).unwrap();

        assert!(values.iter().all(|&v| v == 0.0));
    }

    #[test]
    fn an_image_without_pixels_is_an_error() {
        let error = preprocess(8, 8).image(&GrayImage::new(0, 5)).unwrap_err();

        assert_eq!(
            error.to_string(),
            "image is 0x5 pixels, expected at least 1x1"
        );
    }

    #[test]
    fn a_mask_comes_back_in_place() {
        let mask = Array2::from_shape_fn((42, 58), |(r, c)| {
            (10..30).contains(&r) && (20..45).contains(&c)
        });

        let target = preprocess(128, 128).target(mask.view());
        let restored = Preprocess::restore(target.view(), [42, 58]).mapv(|p| p >= 0.5);

        let wrong = ndarray::Zip::from(&mask)
            .and(&restored)
            .fold(0, |n, a, b| n + usize::from(a != b));
        assert!(wrong <= 8, "{wrong} pixels moved");
    }

    #[test]
    fn a_padded_image_keeps_its_aspect_amid_its_mean_grey() {
        let image = GrayImage::from_fn(30, 20, |x, _| image::Luma([if x < 15 { 0 } else { 102 }]));

        let values = padding(40, 20).resized(&image).unwrap();

        let part = padding(40, 20).part([20, 30]);
        assert_eq!((part.origin, part.size), ([13, 0], [13, 20]));
        let outside = values.rows().into_iter().take(13);
        assert!(outside.flatten().all(|v| (v - 0.2).abs() < 5e-3));
        assert!(values[[20, 0]] < 0.01 && values[[20, 19]] > 0.39);
    }

    #[test]
    fn every_size_has_its_part_inside_the_input() {
        for size in [[1, 1], [1, 5000], [5000, 1], [420, 580], [512, 534], [7, 3]] {
            let Part {
                origin,
                size: taken,
            } = padding(128, 176).part(size);

            assert!((0..2).all(|axis| taken[axis] >= 1));
            assert!(origin[0] + taken[0] <= 128 && origin[1] + taken[1] <= 176);
            assert!(taken[0] == 128 || taken[1] == 176, "{size:?}: {taken:?}");
        }
    }

    #[test]
    fn the_mask_of_a_padded_image_comes_back_in_place() {
        let mask = Array2::from_shape_fn((60, 44), |(r, c)| {
            (10..30).contains(&r) && (20..40).contains(&c)
        });
        let preprocess = padding(128, 176);

        let target = preprocess.target(mask.view());
        let part = target.slice(preprocess.part([60, 44]).slice());
        let restored = Preprocess::restore(part, [60, 44]).mapv(|p| p >= 0.5);

        let wrong = ndarray::Zip::from(&mask)
            .and(&restored)
            .fold(0, |n, a, b| n + usize::from(a != b));
        assert!(wrong <= 8, "{wrong} pixels moved");
    }
}
