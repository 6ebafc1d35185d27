//! The bytes of a file, and what a format needs to know to decode them.

use std::path::Path;

use image::ImageError;

use super::dicom_decoder::DicomDecoder;
use super::limits::ReadLimits;
use crate::{DataError, Result};

/// The bytes of a file that are to be decoded.
#[derive(Clone, Copy, Debug)]
pub(super) struct Encoded<'a> {
    pub(super) bytes: &'a [u8],
    /// Names the file in messages.
    pub(super) path: &'a Path,
    /// Frame that is asked for, from 0.
    pub(super) index: u32,
    /// Bits that samples of 16 have at least, because those of other frames of the dataset have
    /// them; 0 for a file that is read alone.
    pub(super) least_bits: u16,
    /// Whether a mask of several pages is asked for this frame, and not to be one page.
    pub(super) is_paged: bool,
    /// Region of tissue that is asked for, from 0.
    pub(super) region: Option<u32>,
    pub(super) limits: &'a ReadLimits,
    pub(super) dicom: &'a DicomDecoder,
}

impl Encoded<'_> {
    /// Whether width and height are within the limits.
    pub(super) fn check_size(&self, width: u32, height: u32) -> Result<()> {
        self.limits.check_size(self.path, width, height)
    }

    /// The frame, or the labels, of a format that holds one.
    pub(super) fn single<T>(&self, decode: impl FnOnce() -> Result<T>) -> Result<T> {
        if self.index > 0 {
            return Err(self.no_such_frame(1));
        }
        decode()
    }

    pub(super) fn no_such_frame(&self, count: u32) -> DataError {
        DataError::NoSuchFrame {
            path: self.path.to_owned(),
            index: self.index,
            count,
        }
    }

    /// What to say of a file that the decoder gave up.
    pub(super) fn decode_error(&self, source: ImageError) -> DataError {
        match source {
            ImageError::Unsupported(source) => self.not_read(source.to_string()),
            source => DataError::DecodeImage {
                path: self.path.to_owned(),
                source,
            },
        }
    }

    /// A sound image of a kind that is not read, and why.
    pub(super) fn not_read(&self, reason: impl Into<String>) -> DataError {
        DataError::NotRead {
            path: self.path.to_owned(),
            reason: reason.into(),
        }
    }

    pub(super) fn unsupported(&self, found: impl Into<String>) -> DataError {
        DataError::UnsupportedPixels {
            path: self.path.to_owned(),
            found: found.into(),
        }
    }
}
