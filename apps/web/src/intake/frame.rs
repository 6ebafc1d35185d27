//! What an upload is decoded to.

use std::borrow::Cow;

use image::GrayImage;
use image::imageops::crop_imm;
use nerveseg_dicom::Region;

/// One grey frame.
#[derive(Clone, Debug)]
pub(crate) struct Frame {
    pub(crate) image: GrayImage,
    /// Which one it is, from 0.
    pub(crate) number: u32,
    /// How many the upload has.
    pub(crate) count: u32,
    /// Millimetres per pixel, `[row, column]`, where the file says so.
    pub(crate) spacing: Option<[f64; 2]>,
    /// Where the tissue is, where the file says so: the rest of a scanner's screen is text and
    /// scales.
    pub(crate) tissue: Option<Region>,
}

impl Frame {
    /// The only frame of an image that says no more than its pixels.
    pub(crate) fn single(image: GrayImage) -> Self {
        Self {
            image,
            number: 0,
            count: 1,
            spacing: None,
            tissue: None,
        }
    }

    /// The part that shows tissue.
    pub(crate) fn tissue(&self) -> Cow<'_, GrayImage> {
        match self.tissue {
            None => Cow::Borrowed(&self.image),
            Some(Region {
                x,
                y,
                width,
                height,
            }) => Cow::Owned(crop_imm(&self.image, x, y, width, height).to_image()),
        }
    }
}
