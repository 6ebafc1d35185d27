//! Pictures in answers: PNG, compressed fast rather than small.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use image::GrayImage;
use nerveseg_model::Segmentation;
use nerveseg_model::overlay::{PREDICTION, Paint, captioned, overlay};
use png::{BitDepth, ColorType, Compression, EncodingError, Filter};

use super::caption::Caption;

/// A grey PNG.
pub(crate) fn grey_png(image: &GrayImage, caption: Option<&Caption>) -> Vec<u8> {
    png(
        image.as_raw(),
        image.dimensions(),
        ColorType::Grayscale,
        caption,
    )
}

/// The mask painted over the image, and below it what was found and what it is not for.
pub(crate) fn overlay_png(
    image: &GrayImage,
    segmentation: &Segmentation,
    caption: &Caption,
) -> Vec<u8> {
    let paint = Paint {
        colour: PREDICTION,
        fill: 0.3,
    };
    let picture = overlay(image, &[(segmentation.mask.view(), paint)]);
    let picture = captioned(&picture, segmentation);
    png(
        picture.as_raw(),
        picture.dimensions(),
        ColorType::Rgb,
        Some(caption),
    )
}

/// Base64 with padding.
pub(super) fn base64(bytes: &[u8]) -> String {
    STANDARD.encode(bytes)
}

/// A PNG as an address that a page can show.
pub(crate) fn data_url(png: &[u8]) -> String {
    format!("data:image/png;base64,{}", base64(png))
}

fn png(pixels: &[u8], size: (u32, u32), colour: ColorType, caption: Option<&Caption>) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(pixels.len() / 2);
    write_png(&mut bytes, pixels, size, colour, caption).expect("memory takes every byte");
    bytes
}

fn write_png(
    bytes: &mut Vec<u8>,
    pixels: &[u8],
    (width, height): (u32, u32),
    colour: ColorType,
    caption: Option<&Caption>,
) -> Result<(), EncodingError> {
    let mut encoder = png::Encoder::new(bytes, width, height);
    encoder.set_color(colour);
    encoder.set_depth(BitDepth::Eight);
    encoder.set_compression(Compression::Fast);
    encoder.set_filter(Filter::Up);
    for (keyword, text) in caption.into_iter().flat_map(Caption::chunks) {
        encoder.add_itxt_chunk(keyword.to_owned(), text.to_owned())?;
    }
    let mut writer = encoder.write_header()?;
    writer.write_image_data(pixels)?;
    writer.finish()
}
