//! BMP.

use image::ImageFormat;

use super::format::Format;
use super::raster::{self, Said};

pub(super) const FORMAT: Format = Format {
    name: "BMP",
    extensions: &["bmp"],
    media_type: "image/bmp",
    recognises: |bytes| bytes.starts_with(b"BM"),
    size: |encoded| raster::size(encoded, ImageFormat::Bmp, Said::default()),
    decode: |encoded| encoded.single(|| raster::decode(encoded, ImageFormat::Bmp, Said::default())),
};
