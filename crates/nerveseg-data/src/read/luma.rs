//! One rule for turning any pixel into 8-bit grey.

use image::{DynamicImage, GrayImage};
use nerveseg_frame::{Frame, luma};

use super::depth::Depth;
use super::encoded::Encoded;
use crate::Result;

/// `image` as grey; `depth` is what is known of samples of 16 bits.
pub(super) fn to_gray(image: DynamicImage, depth: Depth, encoded: &Encoded<'_>) -> Result<Frame> {
    let (width, height) = (image.width(), image.height());
    let grays = match image {
        DynamicImage::ImageLuma8(image) => return Ok(Frame::new(image)),
        DynamicImage::ImageLumaA8(image) => (image.pixels().map(|p| p.0[0]).collect(), None),
        DynamicImage::ImageRgb8(image) => (image.pixels().map(|p| luma(p.0)).collect(), None),
        DynamicImage::ImageRgba8(image) => {
            let rgb = image.pixels().map(|p| [p.0[0], p.0[1], p.0[2]]);
            (rgb.map(luma).collect(), None)
        }
        DynamicImage::ImageLuma16(image) => depth.grays(image.as_raw(), 1),
        DynamicImage::ImageLumaA16(image) => depth.grays(image.as_raw(), 2),
        DynamicImage::ImageRgb16(image) => depth.grays(image.as_raw(), 3),
        DynamicImage::ImageRgba16(image) => depth.grays(image.as_raw(), 4),
        other => return Err(encoded.unsupported(format!("{:?}", other.color()))),
    };
    let (pixels, seen_bits) = grays;
    let pixels = GrayImage::from_raw(width, height, pixels).expect("one value per pixel");
    Ok(Frame {
        seen_bits,
        ..Frame::new(pixels)
    })
}
