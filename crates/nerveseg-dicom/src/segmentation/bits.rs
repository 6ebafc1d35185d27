//! The pixels of a binary segmentation: bits that go on over the borders of bytes and frames.

use super::PIXEL_DATA;
use crate::bytes::Endian;
use crate::elements::Attributes;
use crate::error::{DicomError, Result, damaged, truncated, unsupported};
use crate::transfer_syntax::Compression;

/// All bits, exactly as many as the frames need.
pub(super) fn read(
    top: &Attributes<'_>,
    compression: Option<Compression>,
    [height, width]: [u32; 2],
    frames: u32,
) -> Result<Vec<u8>> {
    let element = top.get(PIXEL_DATA).ok_or(DicomError::NoPixelData)?;
    if element.delimited || compression.is_some_and(|it| it != Compression::None) {
        return Err(unsupported("a compressed segmentation"));
    }
    if element.encoding.endian == Endian::Big {
        return Err(unsupported("a big-endian segmentation"));
    }
    let pixels = u64::from(height) * u64::from(width) * u64::from(frames);
    let (expected, found) = (pixels.div_ceil(8), element.value.len() as u64);
    if found < expected {
        return Err(truncated("the bits of the segmentation"));
    }
    // lengths are even; more than that is another way to pack
    if found > expected.next_multiple_of(2) {
        return Err(damaged(format!(
            "{found} bytes for {frames} frames of {width}x{height} bits, expected {expected}"
        )));
    }
    Ok(element.value[..expected as usize].to_vec())
}
