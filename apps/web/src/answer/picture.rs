//! Pictures in answers: PNG, compressed fast rather than small.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use image::codecs::png::{CompressionType, FilterType, PngEncoder};
use image::{ExtendedColorType, GrayImage, ImageEncoder as _, RgbImage};
use nerveseg_model::Segmentation;
use nerveseg_model::overlay::{PREDICTION, Paint, overlay};

/// A grey PNG.
pub(crate) fn grey_png(image: &GrayImage) -> Vec<u8> {
    png(image.as_raw(), image.dimensions(), ExtendedColorType::L8)
}

/// A coloured PNG.
fn colour_png(image: &RgbImage) -> Vec<u8> {
    png(image.as_raw(), image.dimensions(), ExtendedColorType::Rgb8)
}

/// The mask painted over the image.
pub(crate) fn overlay_png(image: &GrayImage, segmentation: &Segmentation) -> Vec<u8> {
    let paint = Paint {
        colour: PREDICTION,
        fill: 0.3,
    };
    colour_png(&overlay(image, &[(segmentation.mask.view(), paint)]))
}

/// Base64 with padding.
pub(super) fn base64(bytes: &[u8]) -> String {
    STANDARD.encode(bytes)
}

/// A PNG as an address that a page can show.
pub(crate) fn data_url(png: &[u8]) -> String {
    format!("data:image/png;base64,{}", base64(png))
}

fn png(pixels: &[u8], (width, height): (u32, u32), colour: ExtendedColorType) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(pixels.len() / 2);
    PngEncoder::new_with_quality(&mut bytes, CompressionType::Fast, FilterType::Up)
        .write_image(pixels, width, height, colour)
        .expect("memory takes every byte");
    bytes
}
