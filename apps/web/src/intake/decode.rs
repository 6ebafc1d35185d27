//! From the bytes of an upload to a grey frame. First bytes decide the format, never names.

use std::borrow::Cow;

use actix_web::web::Bytes;
use image::imageops::crop_imm;
use image::{GrayImage, ImageError};
use nerveseg_data::{DataError, ReadLimits, read_image_bytes_with};
use nerveseg_dicom::Region;

use crate::Settings;
use crate::app::App;
use crate::error::WebError;

/// Longest side of an image in pixels.
const MAX_SIDE: u32 = 16_384;

/// Most bytes that a decoded pixel has: four channels of 16 bits.
const BYTES_PER_PIXEL: u64 = 8;

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

/// What a frame is made of.
#[derive(Debug)]
pub(crate) enum Source {
    /// The bytes of a PNG, JPEG, TIFF or BMP.
    Picture(Bytes),
    /// The frame itself.
    Frame(Frame),
}

impl Source {
    /// Looks at an upload; a DICOM is decoded at once, by a process of its own.
    ///
    /// # Errors
    ///
    /// A damaged or large DICOM, no such frame.
    pub(crate) async fn of(app: &App, bytes: Bytes, frame: u32) -> Result<Self, WebError> {
        if nerveseg_dicom::is_dicom(&bytes) {
            return app.sandbox.decode(&bytes, frame).await.map(Self::Frame);
        }
        if frame > 0 {
            return Err(WebError::Unprocessable(format!(
                "There is no frame {frame}; the image has one, number 0."
            )));
        }
        Ok(Self::Picture(bytes))
    }

    /// Decodes what is not decoded yet.
    ///
    /// # Errors
    ///
    /// A format that is not read, a damaged file, one that is too large.
    pub(crate) fn frame(self, settings: &Settings) -> Result<Frame, WebError> {
        match self {
            Self::Frame(frame) => Ok(frame),
            Self::Picture(bytes) => Ok(Frame {
                image: picture(&bytes, settings)?,
                number: 0,
                count: 1,
                spacing: None,
                tissue: None,
            }),
        }
    }
}

/// Decodes a PNG, JPEG, TIFF or BMP.
fn picture(bytes: &[u8], settings: &Settings) -> Result<GrayImage, WebError> {
    let limits = ReadLimits {
        max_width: MAX_SIDE,
        max_height: MAX_SIDE,
        max_file_bytes: settings.max_upload() as u64,
        max_pixels: settings.max_pixels,
        max_decoder_bytes: settings.max_pixels * BYTES_PER_PIXEL,
    };
    read_image_bytes_with(bytes, "upload", &limits).map_err(|error| refusal(&error, settings))
}

pub(crate) fn too_many_pixels(settings: &Settings) -> WebError {
    WebError::TooLarge(format!(
        "The image has more than {} pixels.",
        settings.max_pixels
    ))
}

/// What to tell the sender; the library's own words name things that are none of their business.
fn refusal(error: &DataError, settings: &Settings) -> WebError {
    match error {
        DataError::NotAnImage { .. } => WebError::Unsupported(
            "The upload is not a PNG, JPEG, TIFF, BMP or DICOM image.".to_owned(),
        ),
        DataError::UnsupportedPixels { found, .. } => WebError::Unsupported(format!(
            "The image has {found} pixels; expected 1 to 16-bit grey, RGB(A) or palette."
        )),
        DataError::FileTooLarge { .. }
        | DataError::ImageTooLarge { .. }
        | DataError::TooManyPixels { .. }
        | DataError::DecodeImage {
            source: ImageError::Limits(_),
            ..
        } => too_many_pixels(settings),
        DataError::EmptyImage { .. } => {
            WebError::Unprocessable("The image has no pixels.".to_owned())
        }
        DataError::DecodeImage {
            source: ImageError::Unsupported(_),
            ..
        } => WebError::Unsupported("The image is of a kind that is not read.".to_owned()),
        _ => WebError::Unprocessable("The image is damaged or cut off.".to_owned()),
    }
}
