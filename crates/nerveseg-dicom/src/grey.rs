//! From samples to 8-bit grey.

use image::GrayImage;
use nerveseg_frame::{luma, spread};

use crate::error::{Result, damaged};
use crate::header::{Bits, Colour, Header};
use crate::pixels::Raster;
use crate::window::Window;

/// The frame as it is shown. White is the highest value of the bits that were seen in use, or of
/// those that are stored.
pub(crate) fn image(
    header: &Header<'_>,
    raster: &Raster<'_>,
    seen_bits: Option<u16>,
) -> Result<GrayImage> {
    check_bits(header, raster)?;
    let depth = seen_bits.unwrap_or(header.bits.stored);
    let grays = grays(header, raster, depth);
    Ok(
        GrayImage::from_raw(header.columns.into(), header.rows.into(), grays)
            .expect("one grey value per pixel"),
    )
}

/// Refuses samples that use bits above those that are stored: without them they would wrap around.
fn check_bits(header: &Header<'_>, raster: &Raster<'_>) -> Result<()> {
    let bits = header.bits;
    let used = bits.shift + bits.stored;
    if used >= bits.allocated {
        return Ok(());
    }
    let all = ((1_u32 << (bits.allocated - used)) - 1) as u16;
    for pixel in 0..header.pixels() {
        for channel in 0..header.samples() {
            let above = raster.sample(pixel, channel) >> used;
            // a signed sample may repeat its sign up there
            if above != 0 && !(bits.signed && above == all) {
                return Err(damaged(format!(
                    "samples use more than the {used} lowest bits, of which the header says that \
                     {} are stored",
                    bits.stored
                )));
            }
        }
    }
    Ok(())
}

fn grays(header: &Header<'_>, raster: &Raster<'_>, depth: u16) -> Vec<u8> {
    let bits = header.bits;
    let pixels = 0..header.pixels();
    let stored = |pixel, channel| bits.unsigned(raster.sample(pixel, channel));
    match &header.colour {
        Colour::Palette(palette) => pixels.map(|pixel| palette.gray(stored(pixel, 0))).collect(),
        Colour::Rgb => {
            let channel = |pixel, channel| spread(stored(pixel, channel), depth);
            pixels
                .map(|pixel| luma([0, 1, 2].map(|c| channel(pixel, c))))
                .collect()
        }
        Colour::Ybr | Colour::Ybr422 => pixels
            .map(|pixel| spread(stored(pixel, 0), depth))
            .collect(),
        Colour::Gray | Colour::InvertedGray => {
            let mut grays: Vec<u8> = if bits.stored <= 8 && !bits.signed {
                pixels
                    .map(|pixel| spread(stored(pixel, 0), bits.stored))
                    .collect()
            } else {
                deep(header, raster, depth)
            };
            if matches!(header.colour, Colour::InvertedGray) {
                for gray in &mut grays {
                    *gray = u8::MAX - *gray;
                }
            }
            grays
        }
    }
}

/// Grey of more than 8 bits, or signed: through the window, else all that its bits can say.
fn deep(header: &Header<'_>, raster: &Raster<'_>, depth: u16) -> Vec<u8> {
    let value = |pixel| header.bits.value(raster.sample(pixel, 0));
    let window = header.window.unwrap_or_else(|| {
        let negative = (0..header.pixels()).any(|pixel| value(pixel) < 0);
        let (low, bits) = if negative {
            (
                -f64::from(1 << (header.bits.stored - 1)),
                header.bits.stored,
            )
        } else {
            (0.0, depth)
        };
        Window {
            low,
            high: low + f64::from((1_u32 << bits) - 1),
        }
    });
    (0..header.pixels())
        .map(|pixel| window.gray(value(pixel).into()))
        .collect()
}

impl Bits {
    fn unsigned(self, sample: u16) -> u16 {
        let unused = 16 - self.stored;
        (sample >> self.shift) << unused >> unused
    }

    fn value(self, sample: u16) -> i32 {
        let unused = 16 - self.stored;
        if self.signed {
            i32::from((((sample >> self.shift) << unused) as i16) >> unused)
        } else {
            i32::from(self.unsigned(sample))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn bits(stored: u16, shift: u16, signed: bool) -> Bits {
        Bits {
            allocated: 16,
            stored,
            shift,
            signed,
        }
    }

    #[test]
    fn only_stored_bits_count() {
        assert_eq!(bits(12, 4, false).unsigned(0xabcd), 0xabc);
        assert_eq!(bits(12, 0, false).unsigned(0xabcd), 0xbcd);
        assert_eq!(bits(12, 0, true).value(0x0fff), -1);
        assert_eq!(bits(16, 0, true).value(0x8000), -32768);
    }
}
