//! Pixels that are not compressed.

use std::borrow::Cow;

use super::raster::{Order, Raster};
use crate::bytes::Endian;
use crate::error::{Result, damaged};
use crate::header::{Colour, Header};

/// How many frames `length` bytes hold by the header, which is corrected where they say that no
/// chroma is shared.
///
/// Whole frames may be missing at the end. Any other length contradicts the header, and pixels read
/// by it would be sheared; only one byte of padding may follow.
pub(super) fn settle(header: &mut Header<'_>, length: u64) -> Result<u32> {
    let said = u64::from(header.frames);
    let holds = |frame_bytes: u64, frames: u64| {
        let rest = length.checked_sub(frame_bytes * frames);
        rest.is_some_and(|rest| rest <= 1)
    };
    if is_shared(header) {
        let full = sample_bytes(header) * (header.pixels() * header.samples()) as u64;
        if !holds(frame_bytes(header), said) && holds(full, said) {
            header.colour = Colour::Ybr;
        } else if header.columns % 2 == 1 || header.bits.allocated != 8 {
            return Err(damaged("shared chroma needs pairs of pixels of 8 bits"));
        }
    }
    let frame_bytes = frame_bytes(header);
    let held = (length / frame_bytes).min(said);
    if held > 0 && holds(frame_bytes, held) {
        return Ok(held as u32);
    }
    let (columns, rows, bits) = (header.columns, header.rows, header.bits.allocated);
    Err(damaged(format!(
        "{length} bytes of pixel data, where the header asks for {} (frames {said}, pixels \
         {columns}x{rows}, samples {}, bits {bits})",
        frame_bytes * said,
        samples(header)
    )))
}

/// One frame of what [`settle`] has found to be whole.
pub(super) fn decode<'a>(
    header: &Header<'a>,
    bytes: &'a [u8],
    endian: Endian,
    swapped: bool,
    frame: u32,
) -> Raster<'a> {
    let frame_bytes = frame_bytes(header) as usize;
    let start = frame_bytes * frame as usize;
    let range = start..start + frame_bytes;
    let wide = header.bits.allocated == 16;
    let bytes = if swapped && !wide {
        let swap = |at: usize| bytes.get(at ^ 1).copied();
        Cow::Owned(range.map(|at| swap(at).unwrap_or_default()).collect())
    } else {
        Cow::Borrowed(&bytes[range])
    };
    let order = match samples(header) {
        _ if is_shared(header) => Order::Shared,
        3 if header.planar => Order::Planar {
            pixels: header.pixels(),
        },
        channels => Order::Interleaved { channels },
    };
    Raster {
        bytes,
        order,
        wide: wide.then_some(endian),
    }
}

fn is_shared(header: &Header<'_>) -> bool {
    matches!(header.colour, Colour::Ybr422)
}

/// Samples per pixel, on average.
fn samples(header: &Header<'_>) -> usize {
    if is_shared(header) {
        2
    } else {
        header.samples()
    }
}

fn sample_bytes(header: &Header<'_>) -> u64 {
    u64::from(header.bits.allocated / 8)
}

fn frame_bytes(header: &Header<'_>) -> u64 {
    sample_bytes(header) * (header.pixels() * samples(header)) as u64
}
