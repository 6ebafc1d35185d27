//! TIFF, where the general decoder knows too few kinds of pixel. Pages are frames.

mod pages;
mod palette;
mod picture;
mod refusal;
mod samples;

use std::io::Cursor;

use image::error::{DecodingError, ImageFormatHint, LimitError, LimitErrorKind};
use image::metadata::Orientation;
use image::{ImageError, ImageFormat};
use nerveseg_frame::{Frame, neighbours};
use tiff::TiffError;
use tiff::decoder::{Decoder, Limits};
use tiff::tags::Tag;

use self::picture::Picture;
use super::encoded::Encoded;
use super::format::Format;
use super::labels::Labels;
use super::orientation::{turn, turned_size};
use crate::{DataError, Result};

/// Little and big endian, classic and `BigTIFF`.
const HEADS: [&[u8]; 4] = [b"II*\0", b"MM\0*", b"II+\0", b"MM\0+"];

/// The decoder, which is at one page of a file.
type Pages<'a> = Decoder<Cursor<&'a [u8]>>;

pub(super) const FORMAT: Format = Format {
    name: "TIFF",
    extensions: &["tif", "tiff"],
    media_type: "image/tiff",
    recognises: |bytes| HEADS.iter().any(|head| bytes.starts_with(head)),
    size,
    frames: |encoded| open_frames(encoded).map(|(_, frames)| frames.len() as u32),
    decode,
    labels,
};

fn size(encoded: &Encoded<'_>) -> Result<[u32; 2]> {
    let (mut decoder, frames) = open_frames(encoded)?;
    seek(&mut decoder, page(&frames, encoded)?, encoded)?;
    let (width, height) = decoder.dimensions().map_err(|it| failure(encoded, it))?;
    encoded.check_size(width, height)?;
    Ok(turned_size(width, height, orientation(&mut decoder)))
}

fn decode(encoded: &Encoded<'_>) -> Result<Frame> {
    let (mut decoder, frames) = open_frames(encoded)?;
    let page = page(&frames, encoded)?;
    seek(&mut decoder, page, encoded)?;
    let orientation = orientation(&mut decoder);
    let picture = Picture::read(&mut decoder, page, encoded)?;
    let mut least_bits = encoded.least_bits;
    if picture.is_deep() && frames.len() > 1 {
        least_bits = least_bits.max(bits_of_neighbours(&mut decoder, &frames, encoded));
    }
    let frame = Frame {
        index: encoded.index,
        count: frames.len() as u32,
        ..picture.gray(least_bits, encoded)?
    };
    Ok(turn(frame, orientation))
}

/// The labels of a mask, before any rule for grey.
fn labels(encoded: &Encoded<'_>) -> Result<Labels> {
    let (mut decoder, frames) = open_frames(encoded)?;
    encoded.one_page_or_asked(frames.len() as u32)?;
    let page = page(&frames, encoded)?;
    seek(&mut decoder, page, encoded)?;
    let orientation = orientation(&mut decoder);
    Picture::read(&mut decoder, page, encoded)?.labels(orientation, encoded)
}

/// The bits that pages use, so that a dark one is read as the others of its file are.
///
/// A few pages that are spread over the file stand for all.
fn bits_of_neighbours(decoder: &mut Pages<'_>, frames: &[usize], encoded: &Encoded<'_>) -> u16 {
    let bits = neighbours(frames.len()).filter_map(|frame| {
        // a page that cannot be read is refused when it is asked for
        seek(decoder, frames[frame], encoded).ok()?;
        let page = Picture::read(decoder, frames[frame], encoded);
        Some(page.ok()?.used_bits())
    });
    bits.max().unwrap_or(0)
}

fn open_frames<'a>(encoded: &Encoded<'a>) -> Result<(Pages<'a>, Vec<usize>)> {
    let mut decoder = open(encoded.bytes, encoded)?;
    let frames = pages::frames(&mut decoder, encoded)?;
    Ok((decoder, frames))
}

/// Number of the page that is the frame that is asked for.
fn page(frames: &[usize], encoded: &Encoded<'_>) -> Result<usize> {
    let page = frames.get(encoded.index as usize).copied();
    page.ok_or_else(|| encoded.no_such_frame(frames.len() as u32))
}

fn open<'a>(bytes: &'a [u8], encoded: &Encoded<'_>) -> Result<Pages<'a>> {
    let mut tiff_limits = Limits::default();
    tiff_limits.decoding_buffer_size = encoded.limits.max_decoder_bytes as usize;
    tiff_limits.intermediate_buffer_size = encoded.limits.max_decoder_bytes as usize;
    Decoder::new(Cursor::new(bytes))
        .map(|decoder| decoder.with_limits(tiff_limits))
        .map_err(|error| failure(encoded, error))
}

/// Goes to a page, by its number in the list.
fn seek(decoder: &mut Pages<'_>, page: usize, encoded: &Encoded<'_>) -> Result<()> {
    decoder
        .seek_to_image(page)
        .map_err(|error| failure(encoded, error))
}

/// What the page says; one that it gives in no known way is taken as it is stored.
fn orientation(decoder: &mut Pages<'_>) -> Orientation {
    let tag = decoder.find_tag_unsigned::<u8>(Tag::Orientation);
    tag.ok()
        .flatten()
        .and_then(Orientation::from_exif)
        .unwrap_or(Orientation::NoTransforms)
}

fn failure(encoded: &Encoded<'_>, error: TiffError) -> DataError {
    match error {
        TiffError::UnsupportedError(error) => encoded.not_read(error.to_string()),
        TiffError::LimitsExceeded => {
            let limit = LimitError::from_kind(LimitErrorKind::InsufficientMemory);
            encoded.decode_error(ImageError::Limits(limit))
        }
        error => encoded.decode_error(reason(error)),
    }
}

fn reason(error: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> ImageError {
    ImageError::Decoding(DecodingError::new(
        ImageFormatHint::Exact(ImageFormat::Tiff),
        error,
    ))
}
