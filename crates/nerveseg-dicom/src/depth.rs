//! How many of 16 bits carry the picture, where the file leaves it open.

use nerveseg_frame::{depth_among, neighbours};

use crate::Limits;
use crate::header::{Colour, Header};
use crate::pixels::{self, Raster};

/// The largest sample, if nothing but the samples says how many of their 16 bits are used.
///
/// As many write 16 whatever they store, that is not said. A window says what is white, and negative
/// samples take all 16.
pub(crate) fn largest(header: &Header<'_>, raster: &Raster<'_>) -> Option<u16> {
    let channels = match header.colour {
        Colour::Palette(_) => return None,
        Colour::Gray | Colour::InvertedGray if header.window.is_some() => return None,
        Colour::Gray | Colour::InvertedGray | Colour::Ybr | Colour::Ybr422 => 1,
        Colour::Rgb => 3,
    };
    if header.bits.stored < 16 {
        return None;
    }
    let samples = (0..header.pixels())
        .flat_map(|pixel| (0..channels).map(move |channel| raster.sample(pixel, channel)));
    let largest = samples.max()?;
    let is_negative = header.bits.signed && largest > i16::MAX.unsigned_abs();
    (!is_negative).then_some(largest)
}

/// The bits of a frame with this `largest` sample, which are `least_bits` at least, and as many as
/// any of its neighbours takes: a few of the `count` frames of the file, spread over it.
pub(crate) fn among(
    bytes: &[u8],
    limits: &Limits,
    count: u32,
    largest: u16,
    least_bits: u16,
) -> u16 {
    let alone = depth_among(largest, least_bits);
    if count < 2 {
        return alone;
    }
    neighbours(count as usize).fold(alone, |bits, frame| match bits {
        // there are no more
        16.. => bits,
        _ => depth_among(largest_of(bytes, limits, frame as u32).unwrap_or(0), bits),
    })
}

/// [`largest`] of another frame of the file; one that cannot be read is refused when it is asked for.
fn largest_of(bytes: &[u8], limits: &Limits, frame: u32) -> Option<u16> {
    let mut header = Header::read(bytes, limits, None).ok()?;
    let (raster, _) = pixels::decode(&mut header, frame).ok()?;
    largest(&header, &raster)
}
