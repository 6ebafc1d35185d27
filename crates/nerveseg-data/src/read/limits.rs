//! The most that is read.

use std::path::Path;

use crate::{DataError, Result};

/// Largest image that is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReadLimits {
    /// Largest width, in pixels.
    pub max_width: u32,
    /// Largest height, in pixels.
    pub max_height: u32,
    /// Largest encoded file, in bytes.
    pub max_file_bytes: u64,
    /// Most pixels an image may have.
    pub max_pixels: u64,
    /// Most frames a file may have.
    pub max_frames: u32,
    /// Most memory one decoder may take, in bytes.
    pub max_decoder_bytes: u64,
}

impl Default for ReadLimits {
    /// 8192 × 8192 pixels, 10,000 frames, 256 MiB encoded, 512 MiB while decoding.
    fn default() -> Self {
        Self {
            max_width: 8192,
            max_height: 8192,
            max_file_bytes: 256 << 20,
            max_pixels: 8192 * 8192,
            max_frames: 10_000,
            max_decoder_bytes: 512 << 20,
        }
    }
}

impl ReadLimits {
    pub(super) fn check_size(&self, path: &Path, width: u32, height: u32) -> Result<()> {
        if width == 0 || height == 0 {
            return Err(DataError::EmptyImage {
                path: path.to_owned(),
            });
        }
        if width > self.max_width || height > self.max_height {
            return Err(DataError::ImageTooLarge {
                path: path.to_owned(),
                size: [height, width],
                limit: [self.max_height, self.max_width],
            });
        }
        if u64::from(width) * u64::from(height) > self.max_pixels {
            return Err(DataError::TooManyPixels {
                path: path.to_owned(),
                size: [height, width],
                limit: self.max_pixels,
            });
        }
        Ok(())
    }

    pub(super) fn check_bytes(&self, path: &Path, bytes: u64) -> Result<()> {
        if bytes > self.max_file_bytes {
            return Err(DataError::FileTooLarge {
                path: path.to_owned(),
                bytes,
                limit: self.max_file_bytes,
            });
        }
        Ok(())
    }
}
