//! What a mask file says of each pixel, before any rule for grey.

use std::path::Path;

use image::metadata::Orientation;
use image::{DynamicImage, GrayImage, ImageBuffer, Luma};
use ndarray::Array2;

use super::encoded::Encoded;
use crate::{DataError, Result};

/// The label of each pixel as a file has it: a grey value, or an entry of a palette.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Labels {
    /// Shape: `[height, width]`.
    pub values: Array2<u16>,
    /// What the values are.
    pub kind: LabelKind,
}

/// What the values of [`Labels`] are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LabelKind {
    /// Grey values.
    Grey {
        /// The brightest value that the file can hold.
        white: u16,
    },
    /// Entries of a palette.
    Palette {
        /// Red, green and blue of each entry.
        colours: Vec<[u8; 3]>,
    },
}

impl Labels {
    /// Labels in reading order, turned as the file says.
    pub(super) fn new(
        encoded: &Encoded<'_>,
        [height, width]: [u32; 2],
        values: Vec<u16>,
        kind: LabelKind,
        orientation: Orientation,
    ) -> Result<Self> {
        let values = ImageBuffer::<Luma<u16>, _>::from_raw(width, height, values)
            .ok_or_else(|| encoded.not_a_mask("fewer pixels than its header says"))?;
        let mut values = DynamicImage::ImageLuma16(values);
        values.apply_orientation(orientation);
        let (width, height) = (values.width() as usize, values.height() as usize);
        let values = Array2::from_shape_vec((height, width), values.into_luma16().into_raw());
        Ok(Self {
            values: values.expect("one value per pixel"),
            kind,
        })
    }

    /// 8-bit grey values that are already turned as the file says.
    pub(super) fn from_gray(image: GrayImage) -> Self {
        let (width, height) = (image.width() as usize, image.height() as usize);
        let values = image.as_raw().iter().copied().map(u16::from).collect();
        Self {
            values: Array2::from_shape_vec((height, width), values).expect("one byte per pixel"),
            kind: LabelKind::Grey { white: 255 },
        }
    }

    /// The one value of each pixel whose samples are `[grey]`, `[grey, alpha]`, `[r, g, b]` or
    /// `[r, g, b, alpha]`: a mask says nothing by colours or by what shows through.
    pub(super) fn plain(
        encoded: &Encoded<'_>,
        samples: Vec<u16>,
        channels: usize,
        white: u16,
    ) -> Result<Vec<u16>> {
        if channels == 1 {
            return Ok(samples);
        }
        let has_alpha = channels.is_multiple_of(2);
        let is_clear = |pixel: &[u16]| has_alpha && pixel[channels - 1] != white;
        let is_coloured = |pixel: &[u16]| channels > 2 && pixel[1..3] != [pixel[0]; 2];
        let mut pixels = samples.chunks_exact(channels);
        if pixels.clone().any(is_clear) {
            return Err(encoded.not_a_mask(ALPHA));
        }
        if pixels.any(is_coloured) {
            return Err(encoded.not_a_mask(COLOURS));
        }
        Ok(samples.into_iter().step_by(channels).collect())
    }
}

/// Why a mask with an alpha channel is refused.
pub(super) const ALPHA: &str = "an alpha channel that is not opaque everywhere: the label may be \
                                in it or in the colours (`magick IN -alpha extract OUT.png` takes \
                                the alpha channel, `-alpha off` the colours)";

/// Why a coloured mask is refused.
const COLOURS: &str = "colours: which of them is the nerve? (`magick IN -fill white -opaque red \
                       -fill black +opaque white OUT.png` takes red)";

impl Encoded<'_> {
    /// The file is an image but no mask, because of what was `found`.
    pub(super) fn not_a_mask(&self, found: impl Into<String>) -> DataError {
        not_a_mask(self.path, found)
    }

    /// Refuses a mask of several pages or frames: which of them is it?
    pub(super) fn one_page(&self, pages: u32) -> Result<()> {
        if pages > 1 {
            return Err(self.not_a_mask(format!(
                "{pages} pages: which of them is it? (`magick 'IN[0]' OUT.png` takes the first)"
            )));
        }
        Ok(())
    }

    /// As [`Encoded::one_page`], unless a page was asked for.
    pub(super) fn one_page_or_asked(&self, pages: u32) -> Result<()> {
        if self.is_paged {
            return Ok(());
        }
        self.one_page(pages)
    }
}

/// The file is an image but no mask, because of what was `found`.
pub(super) fn not_a_mask(path: &Path, found: impl Into<String>) -> DataError {
    DataError::NotAMask {
        path: path.to_owned(),
        found: found.into(),
    }
}
