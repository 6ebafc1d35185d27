//! How files are read.

use std::time::Duration;

use anyhow::Result;
use nerveseg_data::{DicomDecoder, Reader};
use nerveseg_dicom::sandbox;

/// Longest time that a child may take for one frame.
const TIMEOUT: Duration = Duration::from_secs(15);

/// Reads images of every format; DICOM in a child of this program, where the system can limit one.
pub(crate) fn reader() -> Result<Reader> {
    let dicom = if cfg!(unix) {
        DicomDecoder::Child {
            program: sandbox::this_program()?,
            timeout: TIMEOUT,
        }
    } else {
        DicomDecoder::InProcess
    };
    Ok(Reader {
        dicom,
        ..Reader::default()
    })
}
