//! Everything that can be wrong with a file.

/// Shorthand for results of this crate.
pub type Result<T, E = DicomError> = std::result::Result<T, E>;

/// Why a file gives no frame. Whoever sent the file can mend it; nothing here is the server's fault.
///
/// No message repeats a value of the header, except a transfer syntax or photometric interpretation
/// made of plain characters.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[cfg_attr(feature = "sandbox", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub enum DicomError {
    /// There is neither `DICM` nor a data set at the start.
    #[error(
        "not a DICOM file: expected `DICM` after a preamble of 128 bytes, or the elements of a \
         data set"
    )]
    NotDicom,
    /// A length in the file points past its end.
    #[error("the DICOM file ends inside {place}")]
    Truncated {
        /// What is cut off.
        place: String,
    },
    /// The file contradicts itself or the standard.
    #[error("damaged DICOM file: {reason}")]
    Damaged {
        /// What is wrong, and what was expected.
        reason: String,
    },
    /// The pixels are compressed, or the elements laid out, in a way that is not read.
    #[error(
        "unsupported transfer syntax `{uid}` ({name}): expected uncompressed, RLE, JPEG baseline \
         or JPEG lossless"
    )]
    UnsupportedTransferSyntax {
        /// Identifier from the file: digits and dots only.
        uid: String,
        /// Its name in the standard, or `unknown`.
        name: String,
    },
    /// The pixels have a kind for which there is no rule.
    #[error("unsupported pixels: {found}")]
    UnsupportedPixels {
        /// Kind that was found.
        found: String,
    },
    /// The file holds no image.
    #[error("the DICOM file holds no pixel data")]
    NoPixelData,
    /// The file has fewer frames than were asked for.
    #[error("frame {frame} was asked for, but the DICOM file has {frames}, counted from 0")]
    FrameOutOfRange {
        /// Frame that was asked for.
        frame: u32,
        /// Frames in the file.
        frames: u32,
    },
    /// The header promises a frame that the file does not hold.
    #[error("frame {frame} is missing: the header says {said} frames, the file holds {held}")]
    MissingFrame {
        /// Frame that was asked for.
        frame: u32,
        /// Frames by the header.
        said: u32,
        /// Frames in the file.
        held: u32,
    },
    /// The file has fewer regions of tissue than were asked for.
    #[error(
        "region {region} was asked for, but the DICOM file has {regions} of 2D tissue, counted \
         from 0"
    )]
    RegionOutOfRange {
        /// Region that was asked for.
        region: u32,
        /// Regions in the file.
        regions: u32,
    },
    /// The file asks for more than [`Limits`](crate::Limits) allow.
    #[error("the DICOM file has {found} {unit}, more than the limit of {limit}")]
    TooLarge {
        /// What there is too much of: `bytes`, `pixels a frame`, `frames`, `nested sequences`.
        unit: String,
        /// How much the file has.
        found: u64,
        /// How much is allowed.
        limit: u64,
    },
}

pub(crate) fn truncated(place: &str) -> DicomError {
    DicomError::Truncated {
        place: place.to_owned(),
    }
}

pub(crate) fn damaged(reason: impl Into<String>) -> DicomError {
    DicomError::Damaged {
        reason: reason.into(),
    }
}

pub(crate) fn unsupported(found: impl Into<String>) -> DicomError {
    DicomError::UnsupportedPixels {
        found: found.into(),
    }
}

pub(crate) fn check_limit(unit: &str, found: u64, limit: u64) -> Result<()> {
    if found > limit {
        return Err(DicomError::TooLarge {
            unit: unit.to_owned(),
            found,
            limit,
        });
    }
    Ok(())
}
