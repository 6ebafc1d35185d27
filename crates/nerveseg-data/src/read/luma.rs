//! One rule for turning any pixel into 8-bit grey.

use image::{DynamicImage, GrayImage};
use nerveseg_frame::luma;

use super::encoded::Encoded;
use crate::Result;

/// `value / 257`, rounded: 0 → 0, 65535 → 255, and `v · 257` → `v`.
pub(super) fn high_byte(value: u16) -> u8 {
    ((u32::from(value) + 128) / 257) as u8
}

pub(super) fn to_gray(image: DynamicImage, encoded: &Encoded<'_>) -> Result<GrayImage> {
    let (width, height) = (image.width(), image.height());
    let pixels = match image {
        DynamicImage::ImageLuma8(image) => return Ok(image),
        DynamicImage::ImageLumaA8(image) => image.pixels().map(|p| p.0[0]).collect(),
        DynamicImage::ImageRgb8(image) => image.pixels().map(|p| luma(p.0)).collect(),
        DynamicImage::ImageRgba8(image) => image
            .pixels()
            .map(|p| luma([p.0[0], p.0[1], p.0[2]]))
            .collect(),
        DynamicImage::ImageLuma16(image) => image.pixels().map(|p| high_byte(p.0[0])).collect(),
        DynamicImage::ImageLumaA16(image) => image.pixels().map(|p| high_byte(p.0[0])).collect(),
        DynamicImage::ImageRgb16(image) => {
            image.pixels().map(|p| luma(p.0.map(high_byte))).collect()
        }
        DynamicImage::ImageRgba16(image) => image
            .pixels()
            .map(|p| luma([p.0[0], p.0[1], p.0[2]].map(high_byte)))
            .collect(),
        other => return Err(encoded.unsupported(format!("{:?}", other.color()))),
    };
    Ok(GrayImage::from_raw(width, height, pixels).expect("one value per pixel"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn high_byte_inverts_the_widening_by_257() {
        for value in 0..=u8::MAX {
            assert_eq!(high_byte(u16::from(value) * 257), value);
        }
        assert_eq!(high_byte(128), 0);
        assert_eq!(high_byte(129), 1);
        assert_eq!(high_byte(u16::MAX - 128), 255);
        assert_eq!(high_byte(u16::MAX - 129), 254);
    }
}
