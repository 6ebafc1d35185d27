//! TIFF, where the general decoder knows too few kinds of pixel.

use std::borrow::Cow;
use std::io::Cursor;

use image::error::{DecodingError, ImageFormatHint};
use image::metadata::Orientation;
use image::{GrayImage, ImageError, ImageFormat};
use nerveseg_frame::luma;
use tiff::decoder::{Decoder, DecodingResult, Limits};
use tiff::tags::Tag;
use tiff::{ColorType, TiffError};

use super::bits::unpack;
use super::encoded::Encoded;
use super::format::Format;
use super::labels::{LabelKind, Labels};
use super::luma::high_byte;
use crate::{DataError, Result};

/// Photometric interpretation "palette".
const PALETTE: u8 = 3;
/// Photometric interpretation "black is zero".
const BLACK_IS_ZERO: u8 = 1;

pub(super) const FORMAT: Format = Format {
    name: "TIFF",
    extensions: &["tif", "tiff"],
    media_type: "image/tiff",
    recognises: |bytes| bytes.starts_with(b"II*\0") || bytes.starts_with(b"MM\0*"),
    size,
    decode: |encoded| encoded.single(|| decode(encoded)),
    labels,
};

fn size(encoded: &Encoded<'_>) -> Result<[u32; 2]> {
    let bytes = palette_as_gray(encoded.bytes);
    let mut decoder = open(&bytes, encoded)?;
    let (width, height) = decoder.dimensions().map_err(|it| failure(encoded, it))?;
    encoded.check_size(width, height)?;
    Ok([height, width])
}

/// The pixels of a page before any rule for grey.
struct Page {
    /// `[height, width]`.
    size: [u32; 2],
    /// Samples per pixel.
    channels: usize,
    /// Bits per sample.
    depth: u8,
    samples: Samples,
    /// All reds, then all greens, then all blues.
    palette: Option<Vec<u16>>,
}

/// One value per sample.
enum Samples {
    U8(Vec<u8>),
    U16(Vec<u16>),
}

fn read(encoded: &Encoded<'_>) -> Result<Page> {
    let fail = |error| failure(encoded, error);
    let bytes = palette_as_gray(encoded.bytes);
    let is_palette = matches!(bytes, Cow::Owned(_));
    let mut decoder = open(&bytes, encoded)?;
    let (width, height) = decoder.dimensions().map_err(fail)?;
    encoded.check_size(width, height)?;
    let color = decoder.colortype().map_err(fail)?;
    let channels = channels(color).ok_or_else(|| encoded.unsupported(format!("{color:?} TIFF")))?;
    let planar = decoder
        .find_tag_unsigned::<u16>(Tag::PlanarConfiguration)
        .map_err(fail)?;
    if channels > 1 && planar == Some(2) {
        return Err(encoded.unsupported("planar TIFF"));
    }
    let palette = if is_palette {
        Some(decoder.get_tag_u16_vec(Tag::ColorMap).map_err(fail)?)
    } else {
        None
    };
    let samples = match (decoder.read_image().map_err(fail)?, color.bit_depth()) {
        (DecodingResult::U8(samples), 8) => Samples::U8(samples),
        (DecodingResult::U8(packed), depth @ (1 | 2 | 4)) => {
            Samples::U8(unpack(&packed, depth, width))
        }
        (DecodingResult::U16(samples), 16) => Samples::U16(samples),
        (other, _) => return Err(encoded.unsupported(kind(&other))),
    };
    Ok(Page {
        size: [height, width],
        channels,
        depth: color.bit_depth(),
        samples,
        palette,
    })
}

fn decode(encoded: &Encoded<'_>) -> Result<GrayImage> {
    let page = read(encoded)?;
    let [height, width] = page.size;
    let channels = page.channels;
    let samples = match page.samples {
        Samples::U8(samples) => samples,
        Samples::U16(samples) => samples.into_iter().map(high_byte).collect(),
    };
    let pixels = match (page.palette, channels) {
        (Some(map), _) => lookup(&samples, &grays(&map, page.depth, encoded)?, encoded)?,
        (None, 1) => spread(samples, page.depth),
        (None, 2) => samples.chunks_exact(2).map(|p| p[0]).collect(),
        (None, _) => samples
            .chunks_exact(channels)
            .map(|p| luma([p[0], p[1], p[2]]))
            .collect(),
    };
    GrayImage::from_raw(width, height, pixels)
        .ok_or_else(|| encoded.decode_error(reason("fewer pixels than the header says")))
}

fn labels(encoded: &Encoded<'_>) -> Result<Labels> {
    let page = read(encoded)?;
    encoded.one_page(pages(encoded)?)?;
    let samples = match page.samples {
        Samples::U8(samples) => samples.into_iter().map(u16::from).collect(),
        Samples::U16(samples) => samples,
    };
    let white = u16::MAX >> (16 - page.depth);
    let values = Labels::plain(encoded, samples, page.channels, white)?;
    let kind = match page.palette {
        Some(map) => LabelKind::Palette {
            colours: colours(&map, page.depth, encoded)?,
        },
        None => LabelKind::Grey { white },
    };
    Labels::new(encoded, page.size, values, kind, orientation(encoded)?)
}

/// How many pages the file has; more than two are counted as two.
fn pages(encoded: &Encoded<'_>) -> Result<u32> {
    Ok(1 + u32::from(open(encoded.bytes, encoded)?.more_images()))
}

fn orientation(encoded: &Encoded<'_>) -> Result<Orientation> {
    let mut decoder = open(encoded.bytes, encoded)?;
    let tag = decoder
        .find_tag_unsigned::<u8>(Tag::Orientation)
        .map_err(|error| failure(encoded, error))?;
    Ok(tag
        .and_then(Orientation::from_exif)
        .unwrap_or(Orientation::NoTransforms))
}

fn open<'a>(bytes: &'a [u8], encoded: &Encoded<'_>) -> Result<Decoder<Cursor<&'a [u8]>>> {
    let mut tiff_limits = Limits::default();
    tiff_limits.decoding_buffer_size = encoded.limits.max_decoder_bytes as usize;
    tiff_limits.intermediate_buffer_size = encoded.limits.max_decoder_bytes as usize;
    Decoder::new(Cursor::new(bytes))
        .map(|decoder| decoder.with_limits(tiff_limits))
        .map_err(|error| failure(encoded, error))
}

/// Samples per pixel of the kinds we convert.
fn channels(color: ColorType) -> Option<usize> {
    match color {
        ColorType::Gray(_) => Some(1),
        ColorType::GrayA(8 | 16)
        | ColorType::Multiband {
            bit_depth: 8 | 16,
            num_samples: 2,
        } => Some(2),
        ColorType::RGB(8 | 16) => Some(3),
        ColorType::RGBA(8 | 16) => Some(4),
        _ => None,
    }
}

/// Spreads values of fewer than 8 bits over 0 to 255.
fn spread(mut samples: Vec<u8>, depth: u8) -> Vec<u8> {
    if depth < 8 {
        let factor = u8::MAX / ((1 << depth) - 1);
        for sample in &mut samples {
            *sample *= factor;
        }
    }
    samples
}

/// Grey value of every palette entry.
fn grays(map: &[u16], depth: u8, encoded: &Encoded<'_>) -> Result<Vec<u8>> {
    Ok(colours(map, depth, encoded)?
        .into_iter()
        .map(luma)
        .collect())
}

/// Every palette entry; the map holds all reds, then all greens, then all blues.
fn colours(map: &[u16], depth: u8, encoded: &Encoded<'_>) -> Result<Vec<[u8; 3]>> {
    let entries = map.len() / 3;
    if depth > 8 || entries != 1 << depth {
        return Err(encoded.decode_error(reason("the palette does not fit the pixels")));
    }
    Ok((0..entries)
        .map(|i| [map[i], map[i + entries], map[i + 2 * entries]].map(high_byte))
        .collect())
}

fn lookup(indices: &[u8], grays: &[u8], encoded: &Encoded<'_>) -> Result<Vec<u8>> {
    indices
        .iter()
        .map(|&index| grays.get(usize::from(index)).copied())
        .collect::<Option<_>>()
        .ok_or_else(|| encoded.decode_error(reason("a pixel is past the end of the palette")))
}

/// The decoder refuses palettes, though their indices are laid out like grey values.
///
/// So the header of such a file is changed to say grey, and the palette applied afterwards.
fn palette_as_gray(bytes: &[u8]) -> Cow<'_, [u8]> {
    match photometric_offset(bytes) {
        Some(at) if bytes[at] == PALETTE => {
            let mut bytes = bytes.to_vec();
            bytes[at] = BLACK_IS_ZERO;
            Cow::Owned(bytes)
        }
        _ => Cow::Borrowed(bytes),
    }
}

/// Offset of the low byte of the photometric interpretation of the first page.
///
/// Only classic TIFF; a palette image of 4 GiB is beyond every limit here.
fn photometric_offset(bytes: &[u8]) -> Option<usize> {
    let little = match bytes.get(..4)? {
        b"II*\0" => true,
        b"MM\0*" => false,
        _ => return None,
    };
    let u16_at = |at: usize| {
        let pair = bytes.get(at..at.checked_add(2)?)?.try_into().ok()?;
        Some(if little {
            u16::from_le_bytes(pair)
        } else {
            u16::from_be_bytes(pair)
        })
    };
    let directory = bytes.get(4..8)?.try_into().ok()?;
    let directory = if little {
        u32::from_le_bytes(directory)
    } else {
        u32::from_be_bytes(directory)
    } as usize;
    let entries = usize::from(u16_at(directory)?);
    let entry = (0..entries)
        .map(|i| directory + 2 + 12 * i)
        .find(|&at| u16_at(at) == Some(Tag::PhotometricInterpretation.to_u16()))?;
    let value = entry + 8;
    u16_at(value)?;
    Some(if little { value } else { value + 1 })
}

fn failure(encoded: &Encoded<'_>, error: TiffError) -> DataError {
    encoded.decode_error(reason(error))
}

fn reason(error: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> ImageError {
    ImageError::Decoding(DecodingError::new(
        ImageFormatHint::Exact(ImageFormat::Tiff),
        error,
    ))
}

fn kind(samples: &DecodingResult) -> &'static str {
    match samples {
        DecodingResult::F16(_) | DecodingResult::F32(_) | DecodingResult::F64(_) => "float",
        DecodingResult::I8(_)
        | DecodingResult::I16(_)
        | DecodingResult::I32(_)
        | DecodingResult::I64(_) => "signed",
        _ => "32-bit or deeper",
    }
}
