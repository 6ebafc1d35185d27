//! DICOM: see `nerveseg-dicom`.

use nerveseg_frame::Frame;

use super::encoded::Encoded;
use super::format::Format;
use super::labels::Labels;
use crate::Result;

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
    let frame = encoded.dicom.decode(encoded)?;
    encoded.check_size(frame.pixels.width(), frame.pixels.height())?;
    Ok(frame)
}
