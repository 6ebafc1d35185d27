//! In which process DICOM is decoded.

use std::path::Path;

use nerveseg_dicom::{DicomError, Limits, decode_among};
use nerveseg_frame::{Frame, Pick};

use super::encoded::Encoded;
use crate::{DataError, Result};

/// In which process DICOM is decoded.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum DicomDecoder {
    /// In this one. Every length is checked and memory is bounded by the limits.
    #[default]
    InProcess,
    /// In a child with little memory and time, one for each file: for files of strangers.
    #[cfg(feature = "sandbox")]
    Child {
        /// A program whose `main` answers [`nerveseg_dicom::sandbox::SUBCOMMAND`].
        program: std::path::PathBuf,
        /// Longest time a child may take.
        timeout: std::time::Duration,
    },
}

impl DicomDecoder {
    /// Decodes the frame that is asked for.
    pub(super) fn decode(&self, encoded: &Encoded<'_>) -> Result<Frame> {
        let &Encoded {
            bytes,
            path,
            least_bits,
            limits,
            ..
        } = encoded;
        let limits = Limits {
            bytes: limits.max_file_bytes,
            pixels: limits.max_pixels,
            frames: limits.max_frames,
        };
        let pick = Pick {
            frame: encoded.index,
            region: encoded.region,
        };
        match self {
            Self::InProcess => {
                decode_among(bytes, pick, &limits, least_bits).map_err(|error| failure(error, path))
            }
            #[cfg(feature = "sandbox")]
            Self::Child { program, timeout } => {
                use nerveseg_dicom::sandbox::{Request, SandboxError, run};

                let request = Request {
                    bytes,
                    pick,
                    limits,
                    least_bits,
                };
                run(program, &request, *timeout).map_err(|error| match error {
                    SandboxError::Dicom(error) => failure(error, path),
                    source => DataError::DicomChild {
                        path: path.to_owned(),
                        source,
                    },
                })
            }
        }
    }
}

fn failure(error: DicomError, path: &Path) -> DataError {
    let path = path.to_owned();
    match error {
        DicomError::FrameOutOfRange { frame, frames } => DataError::NoSuchFrame {
            path,
            index: frame,
            count: frames,
        },
        DicomError::RegionOutOfRange { region, regions } => DataError::NoSuchRegion {
            path,
            region,
            regions,
        },
        source => DataError::ReadDicom { path, source },
    }
}
