//! Where in a file the data set starts, and how it is written.

use crate::bytes::Endian;
use crate::elements::{Elements, Encoding, Tag};
use crate::error::{DicomError, Result, truncated};
use crate::transfer_syntax::{Compression, TransferSyntax};

const MAGIC: &[u8; 4] = b"DICM";
const PREAMBLE: usize = 128;
const TRANSFER_SYNTAX: Tag = Tag(0x0002, 0x0010);
/// The group that every data set of an image starts with.
const IDENTIFYING: u16 = 0x0008;
/// The group that describes the pixels, which is among the last.
const LATEST: u16 = 0x0028;
/// Elements that a file without `DICM` must start with to be taken for DICOM.
const LOOKED_AT: usize = 3;

/// Whether `bytes` start like a DICOM file: with `DICM`, after a preamble of 128 bytes or at once; or
/// with elements of the groups that a file or its data set starts with, for many programs leave out
/// everything before these.
pub fn is_dicom(bytes: &[u8]) -> bool {
    after_magic(bytes).is_some() || starts_with_elements(bytes)
}

/// The data set of a file, and how it is written; the compression is `None` where nothing says it.
pub(crate) struct DataSet<'a> {
    pub(crate) bytes: &'a [u8],
    pub(crate) encoding: Encoding,
    pub(crate) compression: Option<Compression>,
}

impl<'a> DataSet<'a> {
    pub(crate) fn find(bytes: &'a [u8]) -> Result<Self> {
        let bytes = match after_magic(bytes) {
            Some(rest) => rest,
            None if starts_with_elements(bytes) => bytes,
            None => return Err(DicomError::NotDicom),
        };
        let mut elements = Elements::new(bytes, Encoding::EXPLICIT_LITTLE);
        let mut syntax = None;
        // group 2 comes first and is always written this way; the data set may be big endian
        while elements.rest().first_chunk() == Some(&TRANSFER_SYNTAX.0.to_le_bytes()) {
            let Some(element) = elements.next().transpose()? else {
                break;
            };
            if element.tag == TRANSFER_SYNTAX {
                let uid = element.text().unwrap_or_default();
                syntax = Some(TransferSyntax::from_uid(uid)?);
            }
        }
        let bytes = elements.rest();
        if bytes.is_empty() {
            return Err(truncated("the file meta information"));
        }
        Ok(Self {
            bytes,
            encoding: syntax.map_or_else(|| guess(bytes), |syntax| syntax.encoding),
            compression: syntax.map(|syntax| syntax.compression),
        })
    }
}

/// What follows `DICM`.
fn after_magic(bytes: &[u8]) -> Option<&[u8]> {
    [PREAMBLE, 0]
        .iter()
        .find_map(|&at| bytes.get(at..)?.strip_prefix(MAGIC))
}

/// How a data set is written, by its first element: its representation is two letters, or not
/// written; its group is small, or its bytes are swapped.
fn guess(bytes: &[u8]) -> Encoding {
    let is_explicit = bytes
        .get(4..6)
        .is_some_and(|letters| letters.iter().all(u8::is_ascii_uppercase));
    match Endian::Little.u16(bytes, 0) {
        _ if !is_explicit => Encoding::IMPLICIT_LITTLE,
        Some(0x0100..) => Encoding::EXPLICIT_BIG,
        _ => Encoding::EXPLICIT_LITTLE,
    }
}

/// Whether the first elements are whole, rise, and start with a group that comes first.
fn starts_with_elements(bytes: &[u8]) -> bool {
    let encoding = guess(bytes);
    let Some(group) = encoding.endian.u16(bytes, 0) else {
        return false;
    };
    if group != TRANSFER_SYNTAX.0 && group != IDENTIFYING {
        return false;
    }
    let mut last = None;
    let looked_at = Elements::new(bytes, encoding).take(LOOKED_AT);
    let mut fitting = 0;
    for element in looked_at {
        let Ok(element) = element else { return false };
        let rises = last.is_none_or(|last| last < element.tag);
        if !rises || element.tag.0 > LATEST || element.value.len() % 2 == 1 {
            return false;
        }
        last = Some(element.tag);
        fitting += 1;
    }
    fitting == LOOKED_AT
}
