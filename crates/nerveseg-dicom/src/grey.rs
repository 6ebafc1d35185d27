//! From samples to 8-bit grey.

use image::GrayImage;
use nerveseg_frame::luma;

use crate::header::{Bits, Colour, Header};
use crate::pixels::Raster;
use crate::window::Window;

/// The frame as it is shown.
pub(crate) fn image(header: &Header<'_>, raster: &Raster<'_>) -> GrayImage {
    let grays = grays(header, raster);
    GrayImage::from_raw(header.columns.into(), header.rows.into(), grays)
        .expect("one grey value per pixel")
}

fn grays(header: &Header<'_>, raster: &Raster<'_>) -> Vec<u8> {
    let bits = header.bits;
    let pixels = 0..header.pixels();
    let channel = |pixel, channel| bits.spread(raster.sample(pixel, channel));
    match &header.colour {
        Colour::Palette(palette) => pixels
            .map(|pixel| palette.gray(bits.unsigned(raster.sample(pixel, 0))))
            .collect(),
        Colour::Rgb => pixels
            .map(|pixel| luma([0, 1, 2].map(|c| channel(pixel, c))))
            .collect(),
        Colour::Ybr | Colour::Ybr422 => pixels.map(|pixel| channel(pixel, 0)).collect(),
        Colour::Gray | Colour::InvertedGray => {
            let mut grays: Vec<u8> = if bits.stored <= 8 && !bits.signed {
                pixels.map(|pixel| channel(pixel, 0)).collect()
            } else {
                deep(header, raster)
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

/// Grey of more than 8 bits, or signed: through the window, else from lowest to highest value.
fn deep(header: &Header<'_>, raster: &Raster<'_>) -> Vec<u8> {
    let value = |pixel| f64::from(header.bits.value(raster.sample(pixel, 0)));
    let window = header.window.unwrap_or_else(|| {
        let bounds = (f64::INFINITY, f64::NEG_INFINITY);
        let (low, high) = (0..header.pixels())
            .map(value)
            .fold(bounds, |(low, high), v| (low.min(v), high.max(v)));
        Window { low, high }
    });
    (0..header.pixels())
        .map(|pixel| window.gray(value(pixel)))
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

    /// The stored bits as a share of 255, rounded; 8 of them stay as they are.
    fn spread(self, sample: u16) -> u8 {
        let highest = (1_u32 << self.stored) - 1;
        ((u32::from(self.unsigned(sample)) * 255 + highest / 2) / highest) as u8
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

    #[test]
    fn eight_bits_stay_and_others_spread() {
        for value in 0..=u8::MAX {
            assert_eq!(bits(8, 0, false).spread(value.into()), value);
        }
        assert_eq!(bits(16, 0, false).spread(u16::MAX), 255);
        assert_eq!(bits(16, 0, false).spread(257 * 100), 100);
        assert_eq!(bits(1, 0, false).spread(1), 255);
    }
}
