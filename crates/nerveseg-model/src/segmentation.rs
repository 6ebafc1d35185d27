//! What the model says about one image.

use image::GrayImage;
use ndarray::{Array2, s};
use nerveseg_data::mask::Component;
use nerveseg_data::{Frame, Mask, Region};

use crate::PresenceState;

/// Of a picture, what is left without its border is at least one part in so many.
const SMALLEST_SHARE: u64 = 50;

/// What the model says about one image, at the image's original size.
#[derive(Clone, Debug)]
pub struct Segmentation {
    /// Probability that a pixel belongs to the nerve. Shape: `[height, width]`.
    pub probabilities: Array2<f32>,
    /// Pixels that belong to the nerve. Shape: `[height, width]`.
    pub mask: Mask,
    /// How much speaks for a nerve in the image at all, 0 to 1: a score, no probability.
    pub presence: f32,
    /// Nerve, no nerve, or unsure.
    pub presence_state: PresenceState,
    /// Why the image is not like the neck scans that a model knows: what is found in it means nothing then.
    pub objection: Option<String>,
    /// Area of the mask in pixels.
    pub area_px: usize,
    /// Area of the mask in mm², where the frame says how large a pixel is.
    pub area_mm2: Option<f64>,
    /// Connected regions of the mask, in reading order.
    pub components: Vec<Component>,
}

impl Segmentation {
    /// The same for the whole of `frame`, of whose part `shown` it was made: outside of it there is
    /// no nerve. The frame says how large a pixel is.
    ///
    /// `shown` is what [`Frame::shown`] says.
    ///
    /// # Panics
    ///
    /// Panics if it was made of a part of another size, or if `shown` does not lie in the frame.
    #[must_use]
    pub fn in_frame(self, frame: &Frame, shown: Region) -> Self {
        self.in_image(frame.size(), frame.tissue, shown)
            .with_pixels_of(frame.pixel_area_mm2())
    }

    /// As [`in_frame`](Self::in_frame) for an image of `size`, `[height, width]`, that says nothing
    /// of its scale.
    pub(crate) fn in_image(
        mut self,
        size: [usize; 2],
        tissue: Option<Region>,
        shown: Region,
    ) -> Self {
        assert_eq!(
            self.mask.dim(),
            (shown.height as usize, shown.width as usize),
            "mask and part must agree"
        );
        let (origin, shown) = (shown.origin(), shown.area());
        let all = (size[0] * size[1]) as u64;
        let all = tissue.map_or(all, Region::area);
        if shown * SMALLEST_SHARE < all {
            self.objection.get_or_insert_with(|| {
                format!(
                    "a small part of a larger picture: all but {:.1} % of it is a plain border",
                    100.0 * shown as f64 / all as f64
                )
            });
        }
        match <[usize; 2]>::from(self.mask.dim()) == size {
            true => self,
            false => self.within(size, origin),
        }
    }

    /// The same where a pixel has this area, in mm².
    pub(crate) fn with_pixels_of(self, area_mm2: Option<f64>) -> Self {
        Self {
            area_mm2: area_mm2.map(|pixel| self.area_px as f64 * pixel),
            ..self
        }
    }

    /// The same for a larger image, of which the one that was segmented is a part: outside of it there
    /// is no nerve.
    ///
    /// `size` is `[height, width]` of the larger image, `offset` `[row, column]` of the part's first
    /// pixel.
    ///
    /// # Panics
    ///
    /// Panics if the part does not lie inside.
    fn within(self, size: [usize; 2], offset: [usize; 2]) -> Self {
        let [top, left] = offset;
        let (height, width) = self.mask.dim();
        let place = s![top..top + height, left..left + width];
        let mut probabilities = Array2::zeros(size);
        probabilities.slice_mut(place).assign(&self.probabilities);
        let mut mask = Array2::from_elem(size, false);
        mask.slice_mut(place).assign(&self.mask);
        let shifted = |component: Component| component.shifted(offset);
        Self {
            components: self.components.into_iter().map(shifted).collect(),
            probabilities,
            mask,
            ..self
        }
    }

    /// Whether any pixel was found to belong to the nerve.
    pub fn is_present(&self) -> bool {
        self.area_px > 0
    }

    /// Whether the image looks like an ultrasound scan of the neck.
    pub fn is_ultrasound(&self) -> bool {
        self.objection.is_none()
    }

    /// The mask as an 8-bit image, 0 and 255, ready to save.
    pub fn mask_image(&self) -> GrayImage {
        grey(self.mask.mapv(|inside| if inside { 255 } else { 0 }))
    }

    /// The probabilities as an 8-bit image, 0 to 255, ready to save.
    pub fn probability_image(&self) -> GrayImage {
        grey(
            self.probabilities
                .mapv(|p| rounded(p.clamp(0.0, 1.0) * 255.0)),
        )
    }
}

/// `value.round()` of 0 to 255, which is a function of the system for each value.
fn rounded(value: f32) -> u8 {
    let whole = value as u8;
    whole + u8::from(value - f32::from(whole) >= 0.5)
}

fn grey(pixels: Array2<u8>) -> GrayImage {
    let (height, width) = pixels.dim();
    let pixels = pixels.as_standard_layout().into_owned();
    let (pixels, _) = pixels.into_raw_vec_and_offset();
    GrayImage::from_raw(width as u32, height as u32, pixels)
        .expect("one byte a pixel in reading order")
}

#[cfg(test)]
mod tests {
    use ndarray::array;

    use super::*;
    use crate::{Postprocess, PresenceEvidence, RawPrediction};

    /// A part of 2×2 pixels whose left column is the nerve.
    fn part() -> Segmentation {
        let probabilities = array![[0.9, 0.1], [0.8, 0.2]];
        let evidence = PresenceEvidence::new(probabilities.view(), Some(0.7));
        let raw = RawPrediction {
            probabilities,
            evidence,
        };
        Postprocess::default().apply(&raw, [2, 2])
    }

    #[test]
    fn a_part_keeps_its_mask_in_the_whole() {
        let tissue = Region {
            x: 3,
            y: 1,
            width: 2,
            height: 2,
        };
        let frame = Frame {
            tissue: Some(tissue),
            spacing_mm: Some([0.5, 0.2]),
            ..Frame::new(GrayImage::new(5, 4))
        };

        let whole = part().in_frame(&frame, tissue);

        assert_eq!(whole.mask.dim(), (4, 5));
        assert!(whole.mask[[1, 3]] && whole.mask[[2, 3]]);
        assert_eq!((whole.area_px, whole.components.len()), (part().area_px, 1));
        assert!((whole.components[0].centroid[1] - 3.0).abs() < 1e-9);
        assert!((whole.probabilities.sum() - part().probabilities.sum()).abs() < 1e-6);
        assert!((whole.area_mm2.unwrap() - 0.2).abs() < 1e-12);
    }

    #[test]
    fn bytes_are_rounded_as_the_language_rounds() {
        let near = |byte: u8| {
            let middle = f32::from(byte) + 0.5;
            [
                f32::from(byte),
                middle.next_down(),
                middle,
                middle.next_up(),
            ]
        };
        for value in (0..255).flat_map(near).chain([255.0]) {
            assert_eq!(rounded(value), value.round() as u8, "{value}");
        }
    }

    #[test]
    fn without_a_pixels_size_there_are_no_millimetres() {
        let frame = Frame::new(GrayImage::new(2, 2));

        let whole = part().in_frame(&frame, frame.shown());

        assert_eq!((whole.area_px, whole.area_mm2), (2, None));
    }
}
