//! From the bytes of a file to the samples of one frame.

mod jpeg;
mod jpeg_header;
mod plain;
mod rle;

use std::borrow::Cow;

use crate::bytes::Endian;
use crate::error::{DicomError, Result, truncated};
use crate::header::{Header, PixelData};
use crate::transfer_syntax::Compression;

/// Samples of one frame as they come out of a file or a decoder.
#[derive(Debug)]
pub(crate) struct Raster<'a> {
    bytes: Cow<'a, [u8]>,
    order: Order,
    /// Byte order of samples of 16 bits; `None` if a sample is a byte.
    wide: Option<Endian>,
}

/// Where the samples of a pixel are.
#[derive(Clone, Copy, Debug)]
enum Order {
    /// Together.
    Interleaved {
        /// Samples per pixel.
        channels: usize,
    },
    /// Each in a plane of its own.
    Planar {
        /// Pixels per plane.
        pixels: usize,
    },
    /// Two lumas, then two chromas.
    Shared,
}

impl Raster<'_> {
    /// One sample of one pixel, as it is stored.
    pub(crate) fn sample(&self, pixel: usize, channel: usize) -> u16 {
        let at = match (self.order, channel) {
            (Order::Interleaved { channels }, _) => pixel * channels + channel,
            (Order::Planar { pixels }, _) => channel * pixels + pixel,
            (Order::Shared, 0) => pixel / 2 * 4 + pixel % 2,
            (Order::Shared, _) => pixel / 2 * 4 + 1 + channel,
        };
        match self.wide {
            Some(endian) => endian
                .u16(&self.bytes, 2 * at)
                .expect("a raster is as long as its header says"),
            None => u16::from(self.bytes[at]),
        }
    }
}

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
