//! PNG.

use std::io::Cursor;

use image::error::{DecodingError, ImageFormatHint};
use image::{ImageError, ImageFormat};
use png::{BitDepth, ColorType, Transformations};

use super::encoded::Encoded;
use super::format::Format;
use super::labels::{ALPHA, LabelKind, Labels};
use super::{bits, raster};
use crate::{DataError, Result};

pub(super) const FORMAT: Format = Format {
    name: "PNG",
    extensions: &["png"],
    media_type: "image/png",
    recognises: |bytes| bytes.starts_with(b"\x89PNG\r\n\x1a\n"),
    size: |encoded| raster::size(encoded, ImageFormat::Png),
    decode: |encoded| encoded.single(|| raster::decode(encoded, ImageFormat::Png)),
    labels,
};

/// As stored, because the general decoder turns palettes into colours.
fn labels(encoded: &Encoded<'_>) -> Result<Labels> {
    let [height, width] = raster::size(encoded, ImageFormat::Png)?;
    let fail = |error| failure(encoded, error);
    let limits = png::Limits {
        bytes: encoded.limits.max_decoder_bytes as usize,
    };
    let mut decoder = png::Decoder::new_with_limits(Cursor::new(encoded.bytes), limits);
    decoder.set_transformations(Transformations::IDENTITY);
    let mut reader = decoder.read_info().map_err(fail)?;
    let info = reader.info();
    let pages = info.animation_control.map_or(1, |it| it.num_frames);
    let (colour, depth) = (info.color_type, info.bit_depth);
    let palette = info
        .palette
        .clone()
        .filter(|_| colour == ColorType::Indexed);
    let transparency = info.trns.clone();
    encoded.one_page(pages)?;

    let size = reader.output_buffer_size().ok_or_else(|| {
        let reason = png::DecodingError::LimitsExceeded;
        failure(encoded, reason)
    })?;
    let mut bytes = vec![0; size];
    reader.next_frame(&mut bytes).map_err(fail)?;
    let samples: Vec<u16> = match depth {
        BitDepth::Sixteen => {
            let pairs = bytes.chunks_exact(2);
            pairs.map(|it| u16::from_be_bytes([it[0], it[1]])).collect()
        }
        BitDepth::Eight => bytes.into_iter().map(u16::from).collect(),
        few => {
            let unpacked = bits::unpack(&bytes, few as u8, width);
            unpacked.into_iter().map(u16::from).collect()
        }
    };
    let white = u16::MAX >> (16 - depth as u8);
    let is_clear = |&entry: &u16| {
        let alphas = transparency.as_deref().unwrap_or_default();
        let alpha = alphas.get(usize::from(entry));
        alpha.is_some_and(|&alpha| alpha < u8::MAX)
    };
    let (values, kind) = match palette {
        Some(_) if samples.iter().any(is_clear) => return Err(encoded.not_a_mask(ALPHA)),
        Some(palette) => {
            let entries = palette.chunks_exact(3);
            let colours = entries.map(|it| [it[0], it[1], it[2]]).collect();
            (samples, LabelKind::Palette { colours })
        }
        None if transparency.is_some() => return Err(encoded.not_a_mask(ALPHA)),
        None => (
            Labels::plain(encoded, samples, colour.samples(), white)?,
            LabelKind::Grey { white },
        ),
    };
    let orientation = raster::orientation(encoded, ImageFormat::Png)?;
    Labels::new(encoded, [height, width], values, kind, orientation)
}

fn failure(encoded: &Encoded<'_>, error: png::DecodingError) -> DataError {
    let format = ImageFormatHint::Exact(ImageFormat::Png);
    encoded.decode_error(ImageError::Decoding(DecodingError::new(format, error)))
}
