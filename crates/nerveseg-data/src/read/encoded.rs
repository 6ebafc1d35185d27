//! The bytes of a file, and what a format needs to know to decode them.

use std::path::Path;

use image::{GrayImage, ImageError};
use nerveseg_frame::Frame;

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
    pub(super) limits: &'a ReadLimits,
    pub(super) dicom: &'a DicomDecoder,
}

impl Encoded<'_> {
    /// Whether width and height are within the limits.
    pub(super) fn check_size(&self, width: u32, height: u32) -> Result<()> {
        self.limits.check_size(self.path, width, height)
    }

    /// The frame of a format that holds one and says nothing but its pixels.
    pub(super) fn single(&self, decode: impl FnOnce() -> Result<GrayImage>) -> Result<Frame> {
        if self.index > 0 {
            return Err(DataError::NoSuchFrame {
                path: self.path.to_owned(),
                index: self.index,
                count: 1,
            });
        }
        decode().map(Frame::new)
    }

    pub(super) fn decode_error(&self, source: ImageError) -> DataError {
        DataError::DecodeImage {
            path: self.path.to_owned(),
            source,
        }
    }

    pub(super) fn unsupported(&self, found: impl Into<String>) -> DataError {
        DataError::UnsupportedPixels {
            path: self.path.to_owned(),
            found: found.into(),
        }
    }
}
