//! PNG.

use image::ImageFormat;

use super::format::Format;
use super::raster;

pub(super) const FORMAT: Format = Format {
    name: "PNG",
    extensions: &["png"],
    media_type: "image/png",
    recognises: |bytes| bytes.starts_with(b"\x89PNG\r\n\x1a\n"),
    size: |encoded| raster::size(encoded, ImageFormat::Png),
    decode: |encoded| encoded.single(|| raster::decode(encoded, ImageFormat::Png)),
};
