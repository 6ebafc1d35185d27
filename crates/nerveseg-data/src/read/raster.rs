//! What the formats have in common that the `image` crate decodes.

use std::io::Cursor;

use image::metadata::Orientation;
use image::{DynamicImage, ImageDecoder, ImageFormat, ImageReader, Limits};
use nerveseg_frame::Frame;

use super::depth::Depth;
use super::encoded::Encoded;
use super::labels::{LabelKind, Labels};
use super::luma;
use super::orientation::{turn, turned_size};
use crate::Result;

/// What a file says of its pixels that the decoder does not hand on.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Said {
    /// Bits that are used of samples of 16.
    pub(super) bits: Option<u16>,
    /// How it is to be turned; `None` to ask the decoder.
    pub(super) orientation: Option<Orientation>,
}

/// `[height, width]` from the header.
pub(super) fn size(encoded: &Encoded<'_>, format: ImageFormat, said: Said) -> Result<[u32; 2]> {
    let mut decoder = open(encoded, format)?;
    let (width, height) = decoder.dimensions();
    encoded.check_size(width, height)?;
    Ok(turned_size(width, height, orientation(&mut decoder, said)))
}

/// All pixels, by the rule for grey, as they are to be looked at.
pub(super) fn decode(encoded: &Encoded<'_>, format: ImageFormat, said: Said) -> Result<Frame> {
    let mut decoder = open(encoded, format)?;
    let (width, height) = decoder.dimensions();
    encoded.check_size(width, height)?;
    let orientation = orientation(&mut decoder, said);
    let mut limits = Limits::default();
    limits.max_image_width = Some(encoded.limits.max_width);
    limits.max_image_height = Some(encoded.limits.max_height);
    limits.max_alloc = Some(encoded.limits.max_decoder_bytes);
    let image = limits
        .reserve(decoder.total_bytes())
        .and_then(|()| decoder.set_limits(limits))
        .and_then(|()| DynamicImage::from_decoder(decoder))
        .map_err(|source| encoded.decode_error(source))?;
    let depth = Depth {
        said: said.bits,
        least: encoded.least_bits,
    };
    luma::to_gray(image, depth, encoded).map(|frame| turn(frame, orientation))
}

/// What EXIF says; a picture whose EXIF is damaged is taken as it is stored.
fn orientation(decoder: &mut impl ImageDecoder, said: Said) -> Orientation {
    said.orientation
        .or_else(|| decoder.orientation().ok())
        .unwrap_or(Orientation::NoTransforms)
}

fn open<'a>(encoded: &Encoded<'a>, format: ImageFormat) -> Result<impl ImageDecoder + use<'a>> {
    ImageReader::with_format(Cursor::new(encoded.bytes), format)
        .into_decoder()
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
        8 => image.as_bytes().iter().copied().map(u16::from).collect(),
        bits => return Err(encoded.unsupported(format!("{bits}-bit"))),
    };
    let values = Labels::plain(encoded, samples, channels, 255)?;
    let kind = LabelKind::Grey { white: 255 };
    Labels::new(encoded, size, values, kind, orientation)
}
