#![doc = include_str!("../README.md")]

mod bytes;
mod elements;
mod error;
mod file;
mod grey;
mod header;
mod palette;
mod pixels;
mod region;
#[cfg(feature = "sandbox")]
pub mod sandbox;
mod transfer_syntax;
mod window;

pub use error::{DicomError, Result};
pub use file::is_dicom;
use header::Header;
pub use nerveseg_frame::{Frame, Region};

/// The most that is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Largest file, in bytes.
    pub bytes: u64,
    /// Most pixels of one frame.
    pub pixels: u64,
    /// Most frames.
    pub frames: u32,
}

impl Default for Limits {
    /// 64 MiB, 4096 × 4096 pixels, 10,000 frames.
    fn default() -> Self {
        Self {
            bytes: 64 << 20,
            pixels: 4096 * 4096,
            frames: 10_000,
        }
    }
}

/// Reads one frame, in this process. Nothing else of the file is kept.
///
/// Every length is checked before it is believed, nothing recurses, and memory is bounded by
/// `limits`. A server still should not do this itself to files of strangers: see the module `sandbox`.
///
/// # Errors
///
/// The file is no DICOM, is damaged or too large, is compressed in a way that is not read, or has
/// no frame `frame`.
pub fn decode(bytes: &[u8], frame: u32, limits: &Limits) -> Result<Frame> {
    error::check_limit("bytes", bytes.len() as u64, limits.bytes)?;
    let mut header = Header::read(bytes, limits)?;
    let (raster, count) = pixels::decode(&mut header, frame)?;
    error::check_limit("frames", count.into(), limits.frames.into())?;
    Ok(Frame {
        pixels: grey::image(&header, &raster)?,
        spacing_mm: header.spacing_mm,
        tissue: header.tissue,
        index: frame,
        count,
        seen_bits: None,
    })
}
