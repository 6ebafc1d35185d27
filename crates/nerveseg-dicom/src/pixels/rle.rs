//! Run-length encoding of DICOM (PS3.5, annex G): a segment of packed bits for every byte of a sample.

use std::borrow::Cow;

use super::raster::{Order, Raster};
use crate::bytes::Endian;
use crate::error::{Result, damaged, truncated};
use crate::header::Header;

/// The number of segments, then where each starts: 16 numbers of 4 bytes.
const HEAD: usize = 64;

pub(super) fn decode<'a>(header: &Header<'_>, fragment: &[u8]) -> Result<Raster<'a>> {
    if fragment.len() < HEAD {
        return Err(truncated("a run-length header"));
    }
    let number = |at: usize| Endian::Little.u32(fragment, 4 * at).map(|n| n as usize);
    let pixels = header.pixels();
    let sample_bytes = usize::from(header.bits.allocated / 8);
    let segments = header.samples() * sample_bytes;
    let found = number(0).unwrap_or_default();
    if found != segments {
        return Err(damaged(format!(
            "{found} run-length segments in a frame, expected {segments} run-length segments"
        )));
    }
    let mut bytes = vec![0; pixels * segments];
    for segment in 0..segments {
        let start = number(1 + segment);
        let end = match segment + 1 {
            next if next == segments => Some(fragment.len()),
            next => number(1 + next),
        };
        let packed = start
            .zip(end)
            .and_then(|(start, end)| fragment.get(start..end))
            .ok_or_else(|| damaged("a run-length segment lies outside its frame"))?;
        // of a sample of two bytes the high one comes first
        let (sample, byte) = (segment / sample_bytes, segment % sample_bytes);
        let plane = &mut bytes[sample * pixels * sample_bytes..][..pixels * sample_bytes];
        unpack(packed, plane.iter_mut().skip(byte).step_by(sample_bytes))?;
    }
    Ok(Raster {
        bytes: Cow::Owned(bytes),
        order: Order::Planar { pixels },
        wide: (sample_bytes == 2).then_some(Endian::Big),
    })
}

/// Fills `target`, to which `packed` must unpack exactly: a longer one was made for another width
/// or height. Zeros after it are padding.
fn unpack<'t>(packed: &[u8], target: impl ExactSizeIterator<Item = &'t mut u8>) -> Result<()> {
    let short = || truncated("a run-length segment");
    let expected = target.len();
    let long = || {
        damaged(format!(
            "a run-length segment that unpacks to more than the {expected} bytes of its frame"
        ))
    };
    let mut target = target;
    let mut packed = packed;
    while target.len() > 0 {
        let (&control, rest) = packed.split_first().ok_or_else(short)?;
        packed = match control {
            0..128 => {
                let length = usize::from(control) + 1;
                let (literal, rest) = rest.split_at_checked(length).ok_or_else(short)?;
                if length > target.len() {
                    return Err(long());
                }
                for (value, place) in literal.iter().zip(target.by_ref()) {
                    *place = *value;
                }
                rest
            }
            128 => rest,
            129.. => {
                let length = 257 - usize::from(control);
                let (value, rest) = rest.split_first().ok_or_else(short)?;
                if length > target.len() {
                    return Err(long());
                }
                for place in target.by_ref().take(length) {
                    *place = *value;
                }
                rest
            }
        };
    }
    let is_padding = packed.iter().all(|&byte| byte == 0);
    is_padding.then_some(()).ok_or_else(long)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn example_of_apple_unpacks() {
        let packed = [
            0xfe, 0xaa, 0x02, 0x80, 0x00, 0x2a, 0xfd, 0xaa, 0x03, 0x80, 0x00, 0x2a, 0x22, 0xf7,
            0xaa,
        ];
        let expected = [
            0xaa, 0xaa, 0xaa, 0x80, 0x00, 0x2a, 0xaa, 0xaa, 0xaa, 0xaa, 0x80, 0x00, 0x2a, 0x22,
            0xaa, 0xaa, 0xaa, 0xaa, 0xaa, 0xaa, 0xaa, 0xaa, 0xaa, 0xaa,
        ];
        let mut unpacked = [0; 24];
        unpack(&packed, unpacked.iter_mut()).unwrap();
        assert_eq!(unpacked, expected);
    }

    #[test]
    fn segment_of_another_length_is_an_error_and_zeros_after_it_are_none() {
        let mut unpacked = [0; 3];
        unpack(&[0xfe, 7, 0], unpacked.iter_mut()).unwrap();
        assert_eq!(unpacked, [7; 3]);
        for long in [&[0x81, 7][..], &[3, 1, 2, 3, 4], &[0xfe, 7, 0xfe, 7]] {
            let error = unpack(long, unpacked.iter_mut()).unwrap_err();
            assert!(
                error.to_string().contains("more than the 3 bytes"),
                "{error}"
            );
        }
        assert_eq!(
            unpack(&[0xff, 7], unpacked.iter_mut()),
            Err(truncated("a run-length segment"))
        );
    }
}
