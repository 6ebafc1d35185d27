//! BMP.

use std::collections::HashMap;
use std::io::Cursor;

use image::codecs::bmp::BmpDecoder;
use image::metadata::Orientation;
use image::{DynamicImage, ImageFormat};

use super::encoded::Encoded;
use super::format::Format;
use super::labels::{LabelKind, Labels};
use super::raster::{self, Said};
use crate::Result;

pub(super) const FORMAT: Format = Format {
    name: "BMP",
    extensions: &["bmp"],
    media_type: "image/bmp",
    recognises: |bytes| bytes.starts_with(b"BM"),
    size: |encoded| raster::size(encoded, ImageFormat::Bmp, Said::default()),
    frames: |_| Ok(1),
    decode: |encoded| encoded.single(|| raster::decode(encoded, ImageFormat::Bmp, Said::default())),
    labels: |encoded| encoded.single(|| labels(encoded)),
};

fn labels(encoded: &Encoded<'_>) -> Result<Labels> {
    let size = raster::size(encoded, ImageFormat::Bmp, Said::default())?;
    let fail = |error| encoded.decode_error(error);
    let decoder = BmpDecoder::new(Cursor::new(encoded.bytes)).map_err(fail)?;
    let palette = decoder.get_palette().map(<[_]>::to_vec);
    let image = DynamicImage::from_decoder(decoder).map_err(fail)?;
    let upright = Orientation::NoTransforms;
    let Some(colours) = palette else {
        return raster::labels_of(encoded, image, upright);
    };
    // the decoder gives colours; the first entry of a colour stands for all of them
    let mut entries = HashMap::new();
    for (entry, colour) in colours.iter().enumerate() {
        entries.entry(*colour).or_insert(entry as u16);
    }
    let pixels = image.into_rgb8();
    let values = pixels.pixels().map(|pixel| entries.get(&pixel.0).copied());
    let values: Option<Vec<u16>> = values.collect();
    let values = values.ok_or_else(|| encoded.not_a_mask("a colour that is not in its palette"))?;
    Labels::new(
        encoded,
        size,
        values,
        LabelKind::Palette { colours },
        upright,
    )
}
