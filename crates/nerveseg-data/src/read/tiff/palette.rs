//! Palettes, which the decoder refuses, though their indices are laid out like grey values.
//!
//! So the directory of such a page is changed to say grey, and the palette applied afterwards.

use nerveseg_frame::{luma, spread};
use tiff::tags::{IfdPointer, Tag};

use super::super::encoded::Encoded;
use super::reason;
use crate::Result;

/// Photometric interpretation "palette".
pub(super) const PALETTE: u16 = 3;
/// Photometric interpretation "black is zero".
const BLACK_IS_ZERO: u8 = 1;

/// The file with a page at `directory` that says grey.
pub(super) fn as_gray(bytes: &[u8], directory: IfdPointer) -> Option<Vec<u8>> {
    let at = photometric_offset(bytes, usize::try_from(directory.0).ok()?)?;
    let mut bytes = bytes.to_vec();
    *bytes.get_mut(at)? = BLACK_IS_ZERO;
    Some(bytes)
}

/// Offset of the low byte of the photometric interpretation in the directory at `directory`.
fn photometric_offset(bytes: &[u8], directory: usize) -> Option<usize> {
    let is_little = bytes.starts_with(b"II");
    let is_big_tiff = bytes[2..4].contains(&b'+');
    let number = |at: usize, length: usize| {
        let number = bytes.get(at..at.checked_add(length)?)?.iter();
        let join = |all: u64, byte: &u8| (all << 8) | u64::from(*byte);
        Some(if is_little {
            number.rev().fold(0, join)
        } else {
            number.fold(0, join)
        })
    };
    // how many bytes count, entry and the start of an entry take
    let [count, entry, head] = if is_big_tiff { [8, 20, 12] } else { [2, 12, 8] };
    let entries = usize::try_from(number(directory, count)?).ok()?;
    let first = directory.checked_add(count)?;
    let found = bytes
        .get(first..)?
        .chunks_exact(entry)
        .take(entries)
        .position(|it| {
            let tag = Tag::PhotometricInterpretation.to_u16();
            let tag = if is_little {
                tag.to_le_bytes()
            } else {
                tag.to_be_bytes()
            };
            it.starts_with(&tag)
        })?;
    let value = first + entry * found + head;
    Some(if is_little { value } else { value + 1 })
}

/// Every entry; the map holds all reds, then all greens, then all blues.
///
/// A map of bytes, as old programs wrote it, is taken as such, as libtiff does.
pub(super) fn colours(map: &[u16], depth: u8, encoded: &Encoded<'_>) -> Result<Vec<[u8; 3]>> {
    let entries = map.len() / 3;
    if depth > 8 || entries != 1 << depth {
        return Err(encoded.decode_error(reason("the palette does not fit the pixels")));
    }
    let bits = if map.iter().all(|&it| it <= 0xff) {
        8
    } else {
        16
    };
    let entry = |i| [map[i], map[i + entries], map[i + 2 * entries]];
    Ok((0..entries)
        .map(|i| entry(i).map(|it| spread(it, bits)))
        .collect())
}

pub(super) fn lookup(
    indices: &[u8],
    colours: &[[u8; 3]],
    encoded: &Encoded<'_>,
) -> Result<Vec<u8>> {
    let grays: Vec<u8> = colours.iter().copied().map(luma).collect();
    indices
        .iter()
        .map(|&index| grays.get(usize::from(index)).copied())
        .collect::<Option<_>>()
        .ok_or_else(|| encoded.decode_error(reason("a pixel is past the end of the palette")))
}
