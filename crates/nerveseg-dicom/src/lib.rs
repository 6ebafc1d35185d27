#![doc = include_str!("../README.md")]

mod bytes;
mod depth;
mod elements;
mod error;
mod file;
mod grey;
mod header;
mod identity;
mod palette;
mod pixels;
mod region;
#[cfg(feature = "sandbox")]
pub mod sandbox;
pub mod segmentation;
mod transfer_syntax;
mod window;

pub use error::{DicomError, Result};
pub use file::is_dicom;
use header::Header;
pub use identity::Identity;
pub use nerveseg_frame::{Frame, Pick, Region};

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

/// Reads one frame, in this process: its number, or a [`Pick`] with one of several regions of
/// tissue. Nothing else of the file is kept.
///
/// Every length is checked before it is believed, nothing recurses, and memory is bounded by
/// `limits`. A server still should not do this itself to files of strangers: see the module `sandbox`.
///
/// # Errors
///
/// The file is no DICOM, is damaged or too large, is compressed in a way that is not read, or has
/// no such frame or region.
pub fn decode(bytes: &[u8], pick: impl Into<Pick>, limits: &Limits) -> Result<Frame> {
    decode_among(bytes, pick, limits, 0)
}

/// As [`decode`], of a frame whose neighbours in other files use `least_bits` bits: where the file
/// leaves open how many of 16 there are, it has as many at least.
///
/// # Errors
///
/// As [`decode`].
pub fn decode_among(
    bytes: &[u8],
    pick: impl Into<Pick>,
    limits: &Limits,
    least_bits: u16,
) -> Result<Frame> {
    let Pick { frame, region } = pick.into();
    error::check_limit("bytes", bytes.len() as u64, limits.bytes)?;
    let mut header = Header::read(bytes, limits, region)?;
    let (raster, count) = pixels::decode(&mut header, frame)?;
    error::check_limit("frames", count.into(), limits.frames.into())?;
    let seen_bits = depth::largest(&header, &raster)
        .map(|largest| depth::among(bytes, limits, count, largest, least_bits));
    Ok(Frame {
        pixels: grey::image(&header, &raster, seen_bits)?,
        spacing_mm: header.tissue.spacing_mm,
        tissue: header.tissue.region,
        index: frame,
        count,
        seen_bits,
        region: header.tissue.index,
        regions: header.tissue.count,
    })
}
