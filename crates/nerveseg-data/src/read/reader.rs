//! Reads files and bytes, whatever their format.

use std::fs::File;
use std::io::Read as _;
use std::path::Path;

use image::GrayImage;
use nerveseg_frame::{Frame, Pick};

use super::dicom_decoder::DicomDecoder;
use super::encoded::Encoded;
use super::format::Format;
use super::formats::{format_names, recognise};
use super::labels::Labels;
use super::limits::ReadLimits;
use super::mask::MaskValues;
use crate::{DataError, Mask, Result};

/// Reads images of every format of [`FORMATS`](crate::FORMATS) as 8-bit grey, within limits.
///
/// | pixels in the file | grey value |
/// | --- | --- |
/// | 8-bit grey | as it is |
/// | 1, 2, 4-bit grey | spread over 0 to 255 (1-bit: 0 or 255) |
/// | 16-bit | the share of white of the bits that are used, per channel |
/// | RGB, palette | Rec. 601 luma: `0.299 R + 0.587 G + 0.114 B`, rounded |
/// | alpha | ignored |
/// | TIFF with white as zero | inverted |
/// | float, 32-bit, signed or CMYK TIFF | refused: [`DataError::UnsupportedPixels`] |
///
/// The bits that are used of 16 are those that a PNG says (`sBIT`), else the fewest of 8, 10, 12, 14
/// and 16 that hold every sample and what a TIFF says of the largest; a
/// dataset has one number of them for all its frames, DICOM that says 16 among them. Pages of a TIFF
/// are frames, but for masks and smaller copies. The orientation that a file says is applied. How DICOM becomes
/// grey, `nerveseg-dicom` says.
///
/// ```
/// use nerveseg_data::{ReadLimits, Reader, format_names};
///
/// let reader = Reader {
///     limits: ReadLimits { max_pixels: 1 << 20, ..ReadLimits::default() },
///     ..Reader::default()
/// };
/// let error = reader.read_bytes(b"no image", "upload", 0).unwrap_err();
/// assert_eq!(
///     error.to_string(),
///     format!("`upload` is not an image that is read: expected {}", format_names())
/// );
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reader {
    /// The most that is read.
    pub limits: ReadLimits,
    /// In which process DICOM is decoded.
    pub dicom: DicomDecoder,
}

impl Reader {
    /// Reads a frame of a file: its number, counted from 0, or a [`Pick`] with one of several
    /// regions of tissue on it. Pictures have one frame, but for the pages of a TIFF, and name no
    /// region.
    ///
    /// # Errors
    ///
    /// The file cannot be read, is too large, is no image, is damaged, has no such frame or
    /// region, or has pixels without a rule.
    pub fn read(&self, path: impl AsRef<Path>, pick: impl Into<Pick>) -> Result<Frame> {
        let path = path.as_ref();
        self.decode(&self.load(path)?, path, pick.into())
    }

    /// As [`Reader::read`] for bytes that are already in memory, such as an upload; `name` is for
    /// messages.
    ///
    /// # Errors
    ///
    /// As [`Reader::read`].
    pub fn read_bytes(&self, bytes: &[u8], name: &str, pick: impl Into<Pick>) -> Result<Frame> {
        let path = Path::new(name);
        self.limits.check_bytes(path, bytes.len() as u64)?;
        self.decode(bytes, path, pick.into())
    }

    /// Reads a mask: two values, of which 0 (or black, in a palette) is the background.
    ///
    /// # Errors
    ///
    /// As [`Reader::read`], [`DataError::MaskNotBinary`] for more than two values, and
    /// [`DataError::NotAMask`] for alpha, colours and several pages.
    pub fn read_mask(&self, path: impl AsRef<Path>) -> Result<Mask> {
        let path = path.as_ref();
        self.decode_mask(&self.load(path)?, path)
    }

    /// Reads the labels of a mask of any number of structures, as the file has them.
    ///
    /// # Errors
    ///
    /// As [`Reader::read`], and [`DataError::NotAMask`] for alpha, colours and several pages.
    pub fn read_labels(&self, path: impl AsRef<Path>) -> Result<Labels> {
        let path = path.as_ref();
        self.decode_labels(&self.load(path)?, path)
    }

    /// As [`Reader::read_labels`], of one frame of a mask that has several, counted from 0.
    ///
    /// # Errors
    ///
    /// As [`Reader::read_labels`], and [`DataError::NoSuchFrame`].
    pub fn read_labels_at(&self, path: impl AsRef<Path>, frame: u32) -> Result<Labels> {
        let path = path.as_ref();
        let bytes = self.load(path)?;
        let (format, mut encoded) = self.look(&bytes, path, frame.into())?;
        encoded.is_paged = true;
        (format.labels)(&encoded)
    }

    /// How many frames a file has; no pixel is decoded where that can be helped.
    ///
    /// # Errors
    ///
    /// As [`Reader::read`].
    pub fn count_frames(&self, path: impl AsRef<Path>) -> Result<u32> {
        let path = path.as_ref();
        let bytes = self.load(path)?;
        let (format, encoded) = self.look(&bytes, path, 0.into())?;
        (format.frames)(&encoded)
    }

    /// The bytes of a file, which are not yet decoded.
    ///
    /// # Errors
    ///
    /// The file cannot be read or is too large.
    pub fn load(&self, path: &Path) -> Result<Vec<u8>> {
        let read_error = |source| DataError::ReadFile {
            path: path.to_owned(),
            source,
        };
        let file = File::open(path).map_err(read_error)?;
        let length = file.metadata().map_err(read_error)?.len();
        self.limits.check_bytes(path, length)?;
        // a file may grow while it is read, and a pipe has no length
        let mut bytes = Vec::with_capacity(length as usize);
        file.take(self.limits.max_file_bytes.saturating_add(1))
            .read_to_end(&mut bytes)
            .map_err(read_error)?;
        self.limits.check_bytes(path, bytes.len() as u64)?;
        Ok(bytes)
    }

    /// One frame of what [`Reader::load`] gave.
    pub(crate) fn decode(&self, bytes: &[u8], path: &Path, pick: Pick) -> Result<Frame> {
        self.decode_deep(bytes, path, pick, 0)
    }

    /// As [`Reader::decode`]; samples of 16 bits use at least `least_bits` of them.
    pub(crate) fn decode_deep(
        &self,
        bytes: &[u8],
        path: &Path,
        pick: Pick,
        least_bits: u16,
    ) -> Result<Frame> {
        let (format, mut encoded) = self.look(bytes, path, pick)?;
        encoded.least_bits = least_bits;
        let frame = (format.decode)(&encoded)?;
        match pick.region {
            Some(region) if region >= frame.regions => Err(DataError::NoSuchRegion {
                path: path.to_owned(),
                region,
                regions: frame.regions,
            }),
            _ => Ok(frame),
        }
    }

    /// The mask in what [`Reader::load`] gave.
    pub(crate) fn decode_mask(&self, bytes: &[u8], path: &Path) -> Result<Mask> {
        Ok(self.decode_mask_values(bytes, path)?.0)
    }

    /// As [`Reader::decode_mask`], and which value was taken for the nerve.
    pub(crate) fn decode_mask_values(
        &self,
        bytes: &[u8],
        path: &Path,
    ) -> Result<(Mask, MaskValues)> {
        self.decode_labels(bytes, path)?.mask(path)
    }

    fn decode_labels(&self, bytes: &[u8], path: &Path) -> Result<Labels> {
        let (format, encoded) = self.look(bytes, path, 0.into())?;
        (format.labels)(&encoded)
    }

    /// Size `[height, width]` of an image; no pixel is decoded where that can be helped.
    pub(crate) fn read_size(&self, path: &Path) -> Result<[u32; 2]> {
        let bytes = self.load(path)?;
        let (format, encoded) = self.look(&bytes, path, 0.into())?;
        (format.size)(&encoded)
    }

    fn look<'a>(
        &'a self,
        bytes: &'a [u8],
        path: &'a Path,
        pick: Pick,
    ) -> Result<(&'static Format, Encoded<'a>)> {
        let format = recognise(bytes).ok_or_else(|| DataError::NotAnImage {
            path: path.to_owned(),
            expected: format_names(),
        })?;
        let encoded = Encoded {
            bytes,
            path,
            index: pick.frame,
            is_paged: false,
            region: pick.region,
            least_bits: 0,
            limits: &self.limits,
            dicom: &self.dicom,
        };
        Ok((format, encoded))
    }
}

/// The pixels of an image file, of its first frame, by [`Reader`]'s rules and default limits.
///
/// # Errors
///
/// As [`Reader::read`].
pub fn read_image(path: impl AsRef<Path>) -> Result<GrayImage> {
    Ok(Reader::default().read(path, 0)?.pixels)
}

/// [`read_image`] for bytes that are already in memory; `name` is for messages.
///
/// # Errors
///
/// As [`Reader::read`].
pub fn read_image_bytes(bytes: &[u8], name: &str) -> Result<GrayImage> {
    Ok(Reader::default().read_bytes(bytes, name, 0)?.pixels)
}

/// [`Reader::read_mask`] with the default limits.
///
/// # Errors
///
/// As [`Reader::read_mask`].
pub fn read_mask(path: impl AsRef<Path>) -> Result<Mask> {
    Reader::default().read_mask(path)
}
