//! DICOM: see `nerveseg-dicom`.

use std::path::Path;

use nerveseg_dicom::{DicomError, Limits, decode_among};
use nerveseg_frame::{Frame, Pick};

use super::dicom_decoder::DicomDecoder;
use super::encoded::Encoded;
use super::format::Format;
use super::labels::Labels;
use crate::{DataError, Result};

pub(super) const FORMAT: Format = Format {
    name: "DICOM",
    extensions: &["dcm", "dicom"],
    media_type: "application/dicom",
    recognises: nerveseg_dicom::is_dicom,
    size: |encoded| decode(encoded).map(|frame| [frame.pixels.height(), frame.pixels.width()]),
    frames: |encoded| decode(encoded).map(|frame| frame.count),
    decode,
    labels: |encoded| {
        let frame = decode(encoded)?;
        encoded.one_page_or_asked(frame.count)?;
        Ok(Labels::from_gray(frame.pixels))
    },
};

fn decode(encoded: &Encoded<'_>) -> Result<Frame> {
    let frame = decoded(encoded)?;
    encoded.check_size(frame.pixels.width(), frame.pixels.height())?;
    Ok(frame)
}

/// The frame that is asked for, in the process that is to decode it.
fn decoded(encoded: &Encoded<'_>) -> Result<Frame> {
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
    match encoded.dicom {
        DicomDecoder::InProcess => {
            decode_among(bytes, pick, &limits, least_bits).map_err(|error| failure(error, path))
        }
        #[cfg(feature = "sandbox")]
        DicomDecoder::Child { program, timeout } => {
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
