//! What PNG, JPEG and BMP have in common: the decoder of the `image` crate.

use std::io::Cursor;

use image::metadata::Orientation;
use image::{DynamicImage, GrayImage, ImageDecoder, ImageFormat, ImageReader, Limits};

use super::encoded::Encoded;
use super::labels::{LabelKind, Labels};
use super::luma;
use crate::Result;

/// `[height, width]` from the header.
pub(super) fn size(encoded: &Encoded<'_>, format: ImageFormat) -> Result<[u32; 2]> {
    let (width, height) = open(encoded, format)?.dimensions();
    encoded.check_size(width, height)?;
    Ok([height, width])
}

/// All pixels, by the rule for grey.
pub(super) fn decode(encoded: &Encoded<'_>, format: ImageFormat) -> Result<GrayImage> {
    decode_checked(encoded, format, || Ok(()))
}

/// All pixels, by the rule for grey, if `check` has nothing against a file within the limits.
pub(super) fn decode_checked(
    encoded: &Encoded<'_>,
    format: ImageFormat,
    check: impl FnOnce() -> Result<()>,
) -> Result<GrayImage> {
    let mut decoder = open(encoded, format)?;
    let (width, height) = decoder.dimensions();
    encoded.check_size(width, height)?;
    check()?;
    let mut limits = Limits::default();
    limits.max_image_width = Some(encoded.limits.max_width);
    limits.max_image_height = Some(encoded.limits.max_height);
    limits.max_alloc = Some(encoded.limits.max_decoder_bytes);
    let image = limits
        .reserve(decoder.total_bytes())
        .and_then(|()| decoder.set_limits(limits))
        .and_then(|()| DynamicImage::from_decoder(decoder))
        .map_err(|source| encoded.decode_error(source))?;
    luma::to_gray(image, encoded)
}

fn open<'a>(encoded: &Encoded<'a>, format: ImageFormat) -> Result<impl ImageDecoder + use<'a>> {
    ImageReader::with_format(Cursor::new(encoded.bytes), format)
        .into_decoder()
        .map_err(|source| encoded.decode_error(source))
}

/// How the file says it is to be turned.
pub(super) fn orientation(encoded: &Encoded<'_>, format: ImageFormat) -> Result<Orientation> {
    open(encoded, format)?
        .orientation()
        .map_err(|source| encoded.decode_error(source))
}

/// The labels in pixels without a palette.
pub(super) fn labels_of(
    encoded: &Encoded<'_>,
    image: DynamicImage,
    orientation: Orientation,
) -> Result<Labels> {
    let size = [image.height(), image.width()];
    let channels = usize::from(image.color().channel_count());
    let samples = match image.color().bits_per_pixel() / channels as u16 {
        8 => image.into_bytes().into_iter().map(u16::from).collect(),
        bits => return Err(encoded.unsupported(format!("{bits}-bit"))),
    };
    let values = Labels::plain(encoded, samples, channels, 255)?;
    let kind = LabelKind::Grey { white: 255 };
    Labels::new(encoded, size, values, kind, orientation)
}
