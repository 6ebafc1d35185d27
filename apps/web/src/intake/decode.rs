//! From the bytes of an upload to a grey frame. First bytes decide the format, never names.

use std::path::PathBuf;

use actix_web::web::Bytes;
use image::ImageError;
use nerveseg_data::{DataError, Frame, Pick, ReadLimits, Reader};

use super::foreign;
use super::sandbox::Sandbox;
use crate::error::WebError;
use crate::settings::Settings;

/// Longest side of an image in pixels.
const MAX_SIDE: u32 = 16_384;

/// Most bytes that a decoded pixel has: four channels of 16 bits.
const BYTES_PER_PIXEL: u64 = 8;

/// Decodes uploads within limits.
#[derive(Debug)]
pub(crate) struct Decoder {
    reader: Reader,
    sandbox: Sandbox,
}

/// What a frame is made of.
#[derive(Debug)]
pub(crate) enum Source {
    /// The bytes of something else than a DICOM, and the frame that is asked for.
    Picture(Bytes, Pick),
    /// The frame itself.
    Frame(Frame),
}

impl Decoder {
    /// `program` is started for every DICOM.
    pub(crate) fn new(program: PathBuf, settings: &Settings) -> Self {
        let limits = ReadLimits {
            max_width: MAX_SIDE,
            max_height: MAX_SIDE,
            max_file_bytes: settings.max_upload() as u64,
            max_pixels: settings.max_pixels,
            max_frames: settings.max_frames,
            max_decoder_bytes: settings.max_pixels * BYTES_PER_PIXEL,
        };
        Self {
            reader: Reader {
                limits,
                ..Reader::default()
            },
            sandbox: Sandbox::new(program, settings),
        }
    }

    /// Looks at an upload; a DICOM is decoded at once, by a process of its own.
    ///
    /// # Errors
    ///
    /// A damaged or large DICOM, no such frame or region in it.
    pub(crate) async fn open(&self, bytes: Bytes, pick: Pick) -> Result<Source, WebError> {
        if nerveseg_dicom::is_dicom(&bytes) {
            return self.sandbox.decode(&bytes, pick).await.map(Source::Frame);
        }
        Ok(Source::Picture(bytes, pick))
    }

    /// Decodes what is not decoded yet.
    ///
    /// # Errors
    ///
    /// A format that is not read, a damaged file, one that is too large, no such frame.
    pub(crate) fn frame(&self, source: Source) -> Result<Frame, WebError> {
        match source {
            Source::Frame(frame) => Ok(frame),
            Source::Picture(bytes, pick) => self.picture(&bytes, pick),
        }
    }

    /// # Errors
    ///
    /// More pixels than are allowed.
    pub(crate) fn check_pixels(&self, pixels: u64) -> Result<(), WebError> {
        if pixels > self.reader.limits.max_pixels {
            Err(self.too_many_pixels())
        } else {
            Ok(())
        }
    }

    fn picture(&self, bytes: &[u8], pick: Pick) -> Result<Frame, WebError> {
        let frame = self.reader.read_bytes(bytes, "upload", pick);
        frame.map_err(|error| self.refusal(&error, bytes))
    }

    fn too_many_pixels(&self) -> WebError {
        let most = self.reader.limits.max_pixels;
        WebError::TooLarge(format!("The image has more than {most} pixels."))
    }

    /// What to tell the sender; the library's own words name things that are none of their
    /// business.
    fn refusal(&self, error: &DataError, bytes: &[u8]) -> WebError {
        match error {
            DataError::NotAnImage { .. } => WebError::Unsupported(foreign::refusal(bytes)),
            DataError::UnsupportedPixels { found, .. } => WebError::Unsupported(format!(
                "The image has {found} pixels; expected 1 to 16-bit grey, RGB(A) or palette."
            )),
            DataError::FileTooLarge { .. }
            | DataError::ImageTooLarge { .. }
            | DataError::TooManyPixels { .. }
            | DataError::DecodeImage {
                source: ImageError::Limits(_),
                ..
            } => self.too_many_pixels(),
            DataError::EmptyImage { .. } => {
                WebError::Unprocessable("The image has no pixels.".to_owned())
            }
            DataError::NotRead { reason, .. } => {
                WebError::Unsupported(format!("The image is not read: {reason}."))
            }
            DataError::TooManyFrames { limit, .. } => {
                WebError::TooLarge(format!("The image has more than {limit} frames."))
            }
            DataError::NoSuchRegion { region, .. } => WebError::Unprocessable(format!(
                "There is no region {region}; only a DICOM names regions of tissue."
            )),
            DataError::NoSuchFrame { index, count, .. } => WebError::no_such_frame(*index, *count),
            _ => WebError::Unprocessable("The image is damaged or cut off.".to_owned()),
        }
    }
}
