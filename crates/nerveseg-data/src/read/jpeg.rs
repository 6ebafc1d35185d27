//! JPEG. The decoder fills the missing part of a cut file with grey and says nothing; we do.

use image::error::{DecodingError, ImageFormatHint};
use image::{ImageError, ImageFormat};
use nerveseg_frame::Frame;

use super::encoded::Encoded;
use super::format::Format;
use super::labels::Labels;
use super::raster::{self, Said};
use crate::Result;

const START_OF_SCAN: [u8; 2] = [0xff, 0xda];
const END_OF_IMAGE: [u8; 2] = [0xff, 0xd9];

pub(super) const FORMAT: Format = Format {
    name: "JPEG",
    extensions: &["jpg", "jpeg"],
    media_type: "image/jpeg",
    recognises: |bytes| bytes.starts_with(&[0xff, 0xd8, 0xff]),
    size: |encoded| raster::size(encoded, ImageFormat::Jpeg, Said::default()),
    frames: |_| Ok(1),
    decode: |encoded| encoded.single(|| decode(encoded)),
    labels: |encoded| {
        let frame = encoded.single(|| decode(encoded))?;
        Ok(Labels::from_gray(frame.pixels))
    },
};

fn decode(encoded: &Encoded<'_>) -> Result<Frame> {
    if is_truncated(encoded.bytes) {
        return Err(encoded.decode_error(truncated()));
    }
    raster::decode(encoded, ImageFormat::Jpeg, Said::default())
}

/// Whether no end-of-image marker follows the last start-of-scan marker.
///
/// Inside a scan `0xff` is always followed by a zero or a restart marker, so neither marker can
/// occur there by chance; a thumbnail with markers of its own comes before the scan.
pub(super) fn is_truncated(bytes: &[u8]) -> bool {
    let last = |marker| bytes.windows(2).rposition(|pair| pair == marker);
    last(END_OF_IMAGE) <= last(START_OF_SCAN)
}

pub(super) fn truncated() -> ImageError {
    let format = ImageFormatHint::Exact(ImageFormat::Jpeg);
    ImageError::Decoding(DecodingError::new(
        format,
        "the file ends before the image does",
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marker_before_the_scan_does_not_count() {
        assert!(is_truncated(&[0xff, 0xd9, 0xff, 0xda, 1, 2, 3]));
        assert!(!is_truncated(&[
            0xff, 0xd9, 0xff, 0xda, 1, 2, 0xff, 0xd9, 0
        ]));
    }
}
