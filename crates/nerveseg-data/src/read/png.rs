//! PNG. What its chunks say of bits and orientation is read here, wherever in the file they stand.

use image::ImageFormat;
use image::metadata::Orientation;

use super::format::Format;
use super::raster::{self, Said};

const SIGNATURE: &[u8] = b"\x89PNG\r\n\x1a\n";
/// Length, kind and checksum around the data of a chunk, in bytes.
const AROUND: usize = 12;

pub(super) const FORMAT: Format = Format {
    name: "PNG",
    extensions: &["png"],
    media_type: "image/png",
    recognises: |bytes| bytes.starts_with(SIGNATURE),
    size: |encoded| raster::size(encoded, ImageFormat::Png, said(encoded.bytes)),
    decode: |encoded| {
        encoded.single(|| raster::decode(encoded, ImageFormat::Png, said(encoded.bytes)))
    },
};

fn said(bytes: &[u8]) -> Said {
    let mut said = Said::default();
    for (kind, data) in chunks(bytes) {
        match kind {
            b"sBIT" => said.bits = significant_bits(data),
            b"eXIf" => said.orientation = Orientation::from_exif_chunk(data),
            _ => {}
        }
    }
    said
}

/// The most of any channel but alpha.
fn significant_bits(data: &[u8]) -> Option<u16> {
    let channels = if data.len() < 3 { 1 } else { 3 };
    let most = data.iter().take(channels).max().copied().map(u16::from);
    most.filter(|bits| (1..=16).contains(bits))
}

/// Kind and data of every chunk that lies inside the file; no data is looked at.
fn chunks(bytes: &[u8]) -> impl Iterator<Item = (&[u8], &[u8])> {
    let mut rest = bytes.get(SIGNATURE.len()..).unwrap_or_default();
    std::iter::from_fn(move || {
        let length = u32::from_be_bytes(*rest.first_chunk()?) as usize;
        let data = rest.get(8..length.checked_add(8)?)?;
        let kind = &rest[4..8];
        rest = rest.get(length.checked_add(AROUND)?..).unwrap_or_default();
        Some((kind, data))
    })
}
