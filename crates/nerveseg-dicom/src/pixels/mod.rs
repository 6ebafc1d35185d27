//! From the bytes of a file to the samples of one frame.

mod fragments;
mod jpeg;
mod jpeg_header;
mod plain;
mod raster;
mod rle;

use crate::error::{DicomError, Result, truncated};
use crate::header::{Header, PixelData};
use crate::transfer_syntax::Compression;

use fragments::Frames;
pub(crate) use raster::Raster;

/// The samples of frame `frame`, and how many frames the file holds, whatever its header says. What
/// the pixels tell better than the header is changed there: their colour and their bits.
pub(crate) fn decode<'a>(header: &mut Header<'a>, frame: u32) -> Result<(Raster<'a>, u32)> {
    let (raster, held) = match &header.data {
        &PixelData::Plain {
            bytes,
            endian,
            swapped,
        } => {
            let held = plain::settle(header, bytes.len() as u64)?;
            check_held(header, frame, held)?;
            (plain::decode(header, bytes, endian, swapped, frame), held)
        }
        PixelData::Fragments(fragments, compression) => {
            let compression = *compression;
            let frames = Frames::find(fragments, compression, header.frames);
            let held = u32::try_from(frames.count()).unwrap_or(u32::MAX);
            check_held(header, frame, held)?;
            let bytes = frames.bytes(frame as usize);
            let raster = match compression {
                Compression::Jpeg => jpeg::decode(header, &bytes)?,
                _ => rle::decode(header, &bytes)?,
            };
            (raster, held)
        }
    };
    Ok((raster, held))
}

/// Whether frame `frame` is one of the `held` ones; else why not.
fn check_held(header: &Header<'_>, frame: u32, held: u32) -> Result<()> {
    if frame < held {
        return Ok(());
    }
    Err(match header.frames {
        _ if held == 0 => truncated("the pixel data"),
        said if frame < said => DicomError::MissingFrame { frame, said, held },
        _ => DicomError::FrameOutOfRange {
            frame,
            frames: held,
        },
    })
}
