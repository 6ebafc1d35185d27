//! Pixels that are not compressed.

use std::borrow::Cow;

use super::raster::{Order, Raster};
use crate::bytes::Endian;
use crate::error::{Result, damaged, truncated};
use crate::header::{Colour, Header};

pub(super) fn decode<'a>(
    header: &Header<'a>,
    bytes: &'a [u8],
    endian: Endian,
    swapped: bool,
    frame: u32,
) -> Result<Raster<'a>> {
    let shared = matches!(header.colour, Colour::Ybr422);
    if shared && (header.columns % 2 == 1 || header.bits.allocated != 8) {
        return Err(damaged("shared chroma needs pairs of pixels of 8 bits"));
    }
    let pixels = header.pixels();
    let samples = if shared { 2 } else { header.samples() };
    let wide = header.bits.allocated == 16;
    let frame_bytes = pixels * samples * if wide { 2 } else { 1 };
    let total = frame_bytes as u64 * u64::from(header.frames);
    if total > bytes.len() as u64 {
        return Err(truncated("the pixel data"));
    }
    let start = frame_bytes * frame as usize;
    let range = start..start + frame_bytes;
    let bytes = if swapped && !wide {
        let swap = |at: usize| bytes.get(at ^ 1).copied();
        Cow::Owned(range.map(|at| swap(at).unwrap_or_default()).collect())
    } else {
        Cow::Borrowed(&bytes[range])
    };
    let order = match samples {
        _ if shared => Order::Shared,
        3 if header.planar => Order::Planar { pixels },
        channels => Order::Interleaved { channels },
    };
    Ok(Raster {
        bytes,
        order,
        wide: wide.then_some(endian),
    })
}
