//! From the bytes of a file to the samples of one frame.

mod jpeg;
mod jpeg_header;
mod plain;
mod raster;
mod rle;

use crate::error::{DicomError, Result, truncated};
use crate::header::{Header, PixelData};
use crate::transfer_syntax::Compression;

pub(crate) use raster::Raster;

/// The samples of frame `frame`; a colour that the decoder knows better than the header is changed.
pub(crate) fn decode<'a>(header: &mut Header<'a>, frame: u32) -> Result<Raster<'a>> {
    if frame >= header.frames {
        return Err(DicomError::FrameOutOfRange {
            frame,
            frames: header.frames,
        });
    }
    match &header.data {
        &PixelData::Plain {
            bytes,
            endian,
            swapped,
        } => plain::decode(header, bytes, endian, swapped, frame),
        PixelData::Fragments(fragments, Compression::Jpeg) => {
            let bytes = jpeg::frame(fragments, header.frames, frame)?;
            jpeg::decode(header, &bytes)
        }
        PixelData::Fragments(fragments, _) => {
            let fragment = fragments.get(frame as usize).copied();
            let fragment = fragment.ok_or_else(|| truncated("the pixel data"))?;
            rle::decode(header, fragment)
        }
    }
}
