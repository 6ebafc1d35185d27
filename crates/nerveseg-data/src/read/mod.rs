//! Bounded reading of images and masks.
//!
//! The extension only selects a file; its first bytes decide the format. Width, height and bytes
//! are checked before any pixel is allocated.

mod jpeg;
mod luma;
mod tiff;

use std::fs::File;
use std::io::{Cursor, Read as _};
use std::path::{Path, PathBuf};

use image::{GrayImage, ImageDecoder as _, ImageError, ImageFormat, ImageReader, Limits};

use crate::{DataError, Mask, Result};

/// Largest image that is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReadLimits {
    /// Largest width, in pixels.
    pub max_width: u32,
    /// Largest height, in pixels.
    pub max_height: u32,
    /// Largest encoded file, in bytes.
    pub max_file_bytes: u64,
    /// Most pixels an image may have.
    pub max_pixels: u64,
    /// Most memory one decoder may take, in bytes.
    pub max_decoder_bytes: u64,
}

impl Default for ReadLimits {
    /// 8192 × 8192 pixels, 256 MiB encoded, 512 MiB while decoding.
    fn default() -> Self {
        Self {
            max_width: 8192,
            max_height: 8192,
            max_file_bytes: 256 << 20,
            max_pixels: 8192 * 8192,
            max_decoder_bytes: 512 << 20,
        }
    }
}

impl ReadLimits {
    fn check(&self, path: &Path, width: u32, height: u32) -> Result<()> {
        if width == 0 || height == 0 {
            return Err(DataError::EmptyImage {
                path: path.to_owned(),
            });
        }
        if width > self.max_width || height > self.max_height {
            return Err(DataError::ImageTooLarge {
                path: path.to_owned(),
                size: [height, width],
                limit: [self.max_height, self.max_width],
            });
        }
        if u64::from(width) * u64::from(height) > self.max_pixels {
            return Err(DataError::TooManyPixels {
                path: path.to_owned(),
                size: [height, width],
                limit: self.max_pixels,
            });
        }
        Ok(())
    }
}

/// Reads a TIFF, PNG, JPEG or BMP as 8-bit grey, within the default [`ReadLimits`].
///
/// | pixels in the file | grey value |
/// | --- | --- |
/// | 8-bit grey | as it is |
/// | 1, 2, 4-bit grey | spread over 0 to 255 (1-bit: 0 or 255) |
/// | 16-bit | `value / 257`, rounded, per channel |
/// | RGB, palette | Rec. 601 luma: `0.299 R + 0.587 G + 0.114 B`, rounded |
/// | alpha | ignored |
/// | TIFF with white as zero | inverted |
/// | float, 32-bit, signed, CMYK or planar TIFF | refused: [`DataError::UnsupportedPixels`] |
///
/// Of a TIFF with many pages the first is read; an orientation tag is not applied.
///
/// # Errors
///
/// The file cannot be read, is too large, is no image, is damaged, or has pixels without a rule.
pub fn read_image(path: impl AsRef<Path>) -> Result<GrayImage> {
    read_image_with(path, &ReadLimits::default())
}

/// [`read_image`] with limits of one's own.
///
/// # Errors
///
/// As [`read_image`].
pub fn read_image_with(path: impl AsRef<Path>, limits: &ReadLimits) -> Result<GrayImage> {
    let path = path.as_ref();
    decode(&read_file(path, limits)?, path, limits)
}

/// [`read_image`] for bytes that are already in memory, such as an upload; `name` is for messages.
///
/// # Errors
///
/// As [`read_image`].
pub fn read_image_bytes(bytes: &[u8], name: &str) -> Result<GrayImage> {
    read_image_bytes_with(bytes, name, &ReadLimits::default())
}

/// [`read_image_bytes`] with limits of one's own.
///
/// # Errors
///
/// As [`read_image`].
pub fn read_image_bytes_with(bytes: &[u8], name: &str, limits: &ReadLimits) -> Result<GrayImage> {
    let path = Path::new(name);
    check_file_size(path, bytes.len() as u64, limits)?;
    decode(bytes, path, limits)
}

/// Reads a mask: after the conversion of [`read_image`] every value must be 0 or 255.
///
/// # Errors
///
/// As [`read_image`], and [`DataError::MaskNotBinary`] for any other value.
pub fn read_mask(path: impl AsRef<Path>) -> Result<Mask> {
    let path = path.as_ref();
    mask_from_gray(&read_image(path)?, path)
}

/// Size `[height, width]` of an image; no pixel is decoded.
pub(crate) fn read_image_size(path: &Path) -> Result<[u32; 2]> {
    let limits = ReadLimits::default();
    let bytes = read_file(path, &limits)?;
    let (width, height) = match format_of(&bytes, path)? {
        ImageFormat::Tiff => tiff::dimensions(&bytes, path, &limits)?,
        format => open(&bytes, format, path)?.dimensions(),
    };
    limits.check(path, width, height)?;
    Ok([height, width])
}

fn read_file(path: &Path, limits: &ReadLimits) -> Result<Vec<u8>> {
    let read_error = |source| DataError::ReadFile {
        path: path.to_owned(),
        source,
    };
    let file = File::open(path).map_err(read_error)?;
    let length = file.metadata().map_err(read_error)?.len();
    check_file_size(path, length, limits)?;
    // a file may grow while it is read, and a pipe has no length
    let mut bytes = Vec::with_capacity(length as usize);
    file.take(limits.max_file_bytes.saturating_add(1))
        .read_to_end(&mut bytes)
        .map_err(read_error)?;
    check_file_size(path, bytes.len() as u64, limits)?;
    Ok(bytes)
}

fn check_file_size(path: &Path, bytes: u64, limits: &ReadLimits) -> Result<()> {
    if bytes > limits.max_file_bytes {
        return Err(DataError::FileTooLarge {
            path: path.to_owned(),
            bytes,
            limit: limits.max_file_bytes,
        });
    }
    Ok(())
}

fn format_of(bytes: &[u8], path: &Path) -> Result<ImageFormat> {
    match image::guess_format(bytes) {
        Ok(
            format @ (ImageFormat::Tiff | ImageFormat::Png | ImageFormat::Jpeg | ImageFormat::Bmp),
        ) => Ok(format),
        _ => Err(DataError::NotAnImage {
            path: path.to_owned(),
        }),
    }
}

fn open<'a>(
    bytes: &'a [u8],
    format: ImageFormat,
    path: &Path,
) -> Result<impl image::ImageDecoder + use<'a>> {
    ImageReader::with_format(Cursor::new(bytes), format)
        .into_decoder()
        .map_err(|source| decode_error(path, source))
}

fn decode(bytes: &[u8], path: &Path, limits: &ReadLimits) -> Result<GrayImage> {
    let format = format_of(bytes, path)?;
    if format == ImageFormat::Tiff {
        return tiff::decode(bytes, path, limits);
    }
    let mut decoder = open(bytes, format, path)?;
    let (width, height) = decoder.dimensions();
    limits.check(path, width, height)?;
    if format == ImageFormat::Jpeg && jpeg::is_truncated(bytes) {
        let reason = jpeg::truncated();
        return Err(decode_error(path, reason));
    }
    let mut decoder_limits = Limits::default();
    decoder_limits.max_image_width = Some(limits.max_width);
    decoder_limits.max_image_height = Some(limits.max_height);
    decoder_limits.max_alloc = Some(limits.max_decoder_bytes);
    decoder_limits
        .reserve(decoder.total_bytes())
        .and_then(|()| decoder.set_limits(decoder_limits))
        .and_then(|()| image::DynamicImage::from_decoder(decoder))
        .map_err(|source| decode_error(path, source))
        .and_then(|image| luma::to_gray(image, path))
}

fn decode_error(path: &Path, source: ImageError) -> DataError {
    DataError::DecodeImage {
        path: path.to_owned(),
        source,
    }
}

fn unsupported(path: &Path, found: impl Into<String>) -> DataError {
    DataError::UnsupportedPixels {
        path: path.to_owned(),
        found: found.into(),
    }
}

/// Turns 0 and 255 into `false` and `true`.
fn mask_from_gray(image: &GrayImage, path: &Path) -> Result<Mask> {
    let (width, height) = image.dimensions();
    let is_odd = |value: u8| value != 0 && value != u8::MAX;
    let pixels = image.as_raw();
    let count = pixels.iter().filter(|&&value| is_odd(value)).count();
    if let Some(first) = pixels.iter().position(|&value| is_odd(value)) {
        return Err(DataError::MaskNotBinary {
            path: PathBuf::from(path),
            value: pixels[first],
            row: first as u32 / width,
            column: first as u32 % width,
            count,
        });
    }
    let values = pixels.iter().map(|&value| value != 0).collect();
    Ok(
        Mask::from_shape_vec((height as usize, width as usize), values)
            .expect("a grey image has one byte per pixel"),
    )
}
