//! PNG. What its chunks say of bits and orientation is read here, wherever in the file they stand.

use std::io::Cursor;

use image::error::{DecodingError, ImageFormatHint};
use image::metadata::Orientation;
use image::{ImageError, ImageFormat};
use png::{BitDepth, ColorType, Transformations};

use super::bits;
use super::encoded::Encoded;
use super::format::Format;
use super::labels::{ALPHA, LabelKind, Labels};
use super::raster::{self, Said};
use crate::{DataError, Result};

const SIGNATURE: &[u8] = b"\x89PNG\r\n\x1a\n";
/// Length, kind and checksum around the data of a chunk, in bytes.
const AROUND: usize = 12;

pub(super) const FORMAT: Format = Format {
    name: "PNG",
    extensions: &["png"],
    media_type: "image/png",
    recognises: |bytes| bytes.starts_with(SIGNATURE),
    size: |encoded| raster::size(encoded, ImageFormat::Png, said(encoded.bytes)),
    frames: |_| Ok(1),
    decode: |encoded| {
        encoded.single(|| {
            check_palette(encoded)?;
            raster::decode(encoded, ImageFormat::Png, said(encoded.bytes))
        })
    },
    labels: |encoded| encoded.single(|| labels(encoded)),
};

fn said(bytes: &[u8]) -> Said {
    let mut said = Said::default();
    for (kind, data) in chunks(bytes) {
        match kind {
            b"sBIT" => said.bits = significant_bits(data),
            b"eXIf" => said.orientation = Orientation::from_exif_chunk(data),
            _ => {}
        }
    }
    said
}

/// Refuses a palette that is no list of 1 to 256 colours: the decoder panics on some of those.
fn check_palette(encoded: &Encoded<'_>) -> Result<()> {
    let mut palettes = chunks(encoded.bytes).filter(|(kind, _)| *kind == b"PLTE");
    let is_list = |bytes: usize| bytes.is_multiple_of(3) && (3..=3 * 256).contains(&bytes);
    match palettes.find(|(_, data)| !is_list(data.len())) {
        Some((_, data)) => {
            let found = data.len();
            let reason = format!("the palette has {found} bytes, expected 3 for each colour");
            let format = ImageFormatHint::Exact(ImageFormat::Png);
            Err(encoded.decode_error(ImageError::Decoding(DecodingError::new(format, reason))))
        }
        None => Ok(()),
    }
}

/// The most of any channel but alpha.
fn significant_bits(data: &[u8]) -> Option<u16> {
    let channels = if data.len() < 3 { 1 } else { 3 };
    let most = data.iter().take(channels).max().copied().map(u16::from);
    most.filter(|bits| (1..=16).contains(bits))
}

/// Kind and data of every chunk that lies inside the file; no data is looked at.
fn chunks(bytes: &[u8]) -> impl Iterator<Item = (&[u8], &[u8])> {
    let mut rest = bytes.get(SIGNATURE.len()..).unwrap_or_default();
    std::iter::from_fn(move || {
        let length = u32::from_be_bytes(*rest.first_chunk()?) as usize;
        let data = rest.get(8..length.checked_add(8)?)?;
        let kind = &rest[4..8];
        rest = rest.get(length.checked_add(AROUND)?..).unwrap_or_default();
        Some((kind, data))
    })
}

/// As stored, because the general decoder turns palettes into colours.
fn labels(encoded: &Encoded<'_>) -> Result<Labels> {
    let fail = |error| failure(encoded, error);
    let limits = png::Limits {
        bytes: encoded.limits.max_decoder_bytes as usize,
    };
    let mut decoder = png::Decoder::new_with_limits(Cursor::new(encoded.bytes), limits);
    decoder.set_transformations(Transformations::IDENTITY);
    let mut reader = decoder.read_info().map_err(fail)?;
    let info = reader.info();
    let (width, height) = info.size();
    encoded.check_size(width, height)?;
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
        BitDepth::Eight => bytes.iter().copied().map(u16::from).collect(),
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
    let orientation = said(encoded.bytes).orientation;
    let orientation = orientation.unwrap_or(Orientation::NoTransforms);
    Labels::new(encoded, [height, width], values, kind, orientation)
}

fn failure(encoded: &Encoded<'_>, error: png::DecodingError) -> DataError {
    let format = ImageFormatHint::Exact(ImageFormat::Png);
    encoded.decode_error(ImageError::Decoding(DecodingError::new(format, error)))
}
