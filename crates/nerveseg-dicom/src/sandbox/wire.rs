//! What parent and child say to each other.

use std::io::{self, Read, Write};

use image::GrayImage;
use serde::{Deserialize, Serialize};

use super::SandboxError;
use crate::error::{Result, check_limit};
use crate::{DicomError, Frame, Limits, Pick, Region};

/// Longest description of an answer, in bytes.
const MAX_DESCRIPTION: usize = 4096;

/// What the parent asks for.
#[derive(Clone, Copy, Debug)]
pub struct Request<'a> {
    /// The file.
    pub bytes: &'a [u8],
    /// The frame, and the region of tissue on it.
    pub pick: Pick,
    /// The most that is read.
    pub limits: Limits,
    /// Bits that samples of 16 have at least, as for [`decode_among`](crate::decode_among); 0 for a
    /// file that is read alone.
    pub least_bits: u16,
}

/// What comes before the bytes of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Head {
    pub(super) pick: Pick,
    pub(super) limits: Limits,
    pub(super) least_bits: u16,
    pub(super) length: u64,
}

impl Request<'_> {
    /// What the child reads before the bytes of the file.
    pub fn head(&self) -> [u8; Head::BYTES] {
        let head = Head {
            pick: self.pick,
            limits: self.limits,
            least_bits: self.least_bits,
            length: self.bytes.len() as u64,
        };
        head.to_bytes()
    }
}

impl Head {
    pub(super) const BYTES: usize = 44;

    fn to_bytes(self) -> [u8; Self::BYTES] {
        let mut bytes = [0; Self::BYTES];
        bytes[..4].copy_from_slice(&self.pick.frame.to_le_bytes());
        bytes[4..8].copy_from_slice(&self.limits.frames.to_le_bytes());
        bytes[8..16].copy_from_slice(&self.limits.bytes.to_le_bytes());
        bytes[16..24].copy_from_slice(&self.limits.pixels.to_le_bytes());
        bytes[24..32].copy_from_slice(&self.length.to_le_bytes());
        // a number and whether there is one
        bytes[32..36].copy_from_slice(&self.pick.region.unwrap_or_default().to_le_bytes());
        bytes[36] = self.pick.region.is_some().into();
        bytes[40..42].copy_from_slice(&self.least_bits.to_le_bytes());
        bytes
    }

    pub(super) fn read(input: &mut impl Read) -> io::Result<Self> {
        let (mut short, mut long) = ([0; 4], [0; 8]);
        let mut u32 = |input: &mut dyn Read| -> io::Result<u32> {
            input.read_exact(&mut short)?;
            Ok(u32::from_le_bytes(short))
        };
        let mut u64 = |input: &mut dyn Read| -> io::Result<u64> {
            input.read_exact(&mut long)?;
            Ok(u64::from_le_bytes(long))
        };
        let frame = u32(input)?;
        let limits = Limits {
            frames: u32(input)?,
            bytes: u64(input)?,
            pixels: u64(input)?,
        };
        let length = u64(input)?;
        let (region, is_some) = (u32(input)?, u32(input)? == 1);
        let least_bits = u32(input)? as u16;
        Ok(Self {
            pick: Pick {
                frame,
                region: is_some.then_some(region),
            },
            limits,
            least_bits,
            length,
        })
    }
}

/// What comes before the pixels of an answer, as JSON after its length in 4 bytes.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
enum Description {
    Frame {
        width: u32,
        height: u32,
        spacing_mm: Option<[f64; 2]>,
        /// First column, first row, width and height.
        tissue: Option<[u32; 4]>,
        index: u32,
        count: u32,
        seen_bits: Option<u16>,
        region: u32,
        regions: u32,
    },
    Error(DicomError),
}

/// Writes the answer of the child.
pub(super) fn write_answer(output: &mut impl Write, answer: &Result<Frame>) -> io::Result<()> {
    let (description, pixels) = match answer {
        Ok(frame) => (
            Description::Frame {
                width: frame.pixels.width(),
                height: frame.pixels.height(),
                spacing_mm: frame.spacing_mm,
                tissue: frame.tissue.map(|it| [it.x, it.y, it.width, it.height]),
                index: frame.index,
                count: frame.count,
                seen_bits: frame.seen_bits,
                region: frame.region,
                regions: frame.regions,
            },
            frame.pixels.as_raw().as_slice(),
        ),
        Err(error) => (Description::Error(error.clone()), &[][..]),
    };
    let description = serde_json::to_vec(&description)?;
    output.write_all(&(description.len() as u32).to_le_bytes())?;
    output.write_all(&description)?;
    output.write_all(pixels)?;
    output.flush()
}

/// The most that a well-behaved child answers, in bytes.
pub fn max_answer_bytes(limits: &Limits) -> u64 {
    (4 + MAX_DESCRIPTION as u64).saturating_add(limits.pixels)
}

/// Takes the answer of a child apart and checks it.
///
/// # Errors
///
/// What was wrong with the file, or that the child died or answered nonsense.
pub fn read_answer(answer: &[u8], request: &Request<'_>) -> Result<Frame, SandboxError> {
    let (length, rest) = answer.split_first_chunk().ok_or(SandboxError::Died)?;
    let length = u32::from_le_bytes(*length) as usize;
    if length > MAX_DESCRIPTION {
        return Err(SandboxError::BadAnswer);
    }
    let (description, pixels) = rest.split_at_checked(length).ok_or(SandboxError::Died)?;
    match serde_json::from_slice(description).map_err(|_| SandboxError::BadAnswer)? {
        Description::Error(error) => Err(error.into()),
        Description::Frame {
            width,
            height,
            spacing_mm,
            tissue,
            index,
            count,
            seen_bits,
            region,
            regions,
        } => {
            let tissue = tissue.map(|[x, y, width, height]| Region {
                x,
                y,
                width,
                height,
            });
            let expected = u64::from(width) * u64::from(height);
            let is_inside = tissue.is_none_or(|region| region.fits(width, height));
            let is_asked = index == request.pick.frame
                && index < count
                && request.pick.region.is_none_or(|wanted| wanted == region)
                && (region < regions || tissue.is_none());
            let is_deep = seen_bits.is_none_or(|bits| (8..=16).contains(&bits));
            if expected > request.limits.pixels || !is_asked || !is_inside || !is_deep {
                return Err(SandboxError::BadAnswer);
            }
            if (pixels.len() as u64) < expected {
                return Err(SandboxError::Died);
            }
            let pixels = GrayImage::from_raw(width, height, pixels.to_vec())
                .filter(|image| image.as_raw().len() as u64 == expected)
                .ok_or(SandboxError::BadAnswer)?;
            Ok(Frame {
                pixels,
                spacing_mm,
                tissue,
                index,
                count,
                seen_bits,
                region,
                regions,
            })
        }
    }
}

/// The bytes of a request, if they are not too many.
pub(super) fn read_body(input: &mut impl Read, head: &Head) -> io::Result<Result<Vec<u8>>> {
    if let Err(error) = check_limit("bytes", head.length, head.limits.bytes) {
        return Ok(Err(error));
    }
    let mut bytes = Vec::new();
    bytes.try_reserve_exact(head.length as usize)?;
    input.take(head.length).read_to_end(&mut bytes)?;
    if bytes.len() as u64 != head.length {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    Ok(Ok(bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request() -> Request<'static> {
        Request {
            bytes: b"abc",
            pick: Pick {
                frame: 1,
                region: Some(2),
            },
            limits: Limits {
                bytes: 3,
                pixels: 391,
                frames: 2,
            },
            least_bits: 12,
        }
    }

    fn answer(answer: &Result<Frame>) -> Vec<u8> {
        let mut bytes = Vec::new();
        write_answer(&mut bytes, answer).unwrap();
        bytes
    }

    fn frame() -> Frame {
        Frame {
            pixels: GrayImage::from_fn(23, 17, |x, y| image::Luma([(x * y) as u8])),
            index: 1,
            count: 2,
            region: 2,
            regions: 3,
            tissue: Some(Region {
                x: 3,
                y: 2,
                width: 20,
                height: 15,
            }),
            spacing_mm: Some([0.25, 0.5]),
            seen_bits: Some(12),
        }
    }

    #[test]
    fn request_comes_back_as_it_was() {
        let request = request();
        let mut input = &[&request.head()[..], request.bytes].concat()[..];
        let head = Head::read(&mut input).unwrap();
        assert_eq!(
            (head.pick, head.limits, head.least_bits, head.length),
            (request.pick, request.limits, request.least_bits, 3)
        );
        assert_eq!(read_body(&mut input, &head).unwrap().unwrap(), b"abc");
    }

    #[test]
    fn request_over_its_limit_is_not_read() {
        let mut request = request();
        request.limits.bytes = 2;
        let head = Head::read(&mut &request.head()[..]).unwrap();
        let refused = read_body(&mut &request.bytes[..], &head).unwrap();
        assert_eq!(refused, check_limit("bytes", 3, 2).map(|()| Vec::new()));
    }

    #[test]
    fn answer_comes_back_as_it_was() {
        let frame = frame();
        let bytes = answer(&Ok(frame.clone()));
        assert!(bytes.len() as u64 <= max_answer_bytes(&request().limits));
        assert_eq!(read_answer(&bytes, &request()).unwrap(), frame);

        let error = answer(&Err(DicomError::NoPixelData));
        assert!(matches!(
            read_answer(&error, &request()),
            Err(SandboxError::Dicom(DicomError::NoPixelData))
        ));
    }

    #[test]
    fn answer_cut_anywhere_is_of_a_child_that_died() {
        let bytes = answer(&Ok(frame()));
        for length in 0..bytes.len() {
            let error = read_answer(&bytes[..length], &request()).unwrap_err();
            assert!(matches!(error, SandboxError::Died), "{length}: {error:?}");
        }
    }

    #[test]
    fn answer_beyond_what_was_asked_is_refused() {
        let mut small = request();
        small.limits.pixels = 390;
        let mut other = request();
        other.pick.frame = 0;
        let bytes = answer(&Ok(frame()));
        for request in [small, other] {
            let error = read_answer(&bytes, &request).unwrap_err();
            assert!(matches!(error, SandboxError::BadAnswer), "{error:?}");
        }
        let mut outside = frame();
        outside.tissue.as_mut().unwrap().x = 4;
        let mut deep = frame();
        deep.seen_bits = Some(17);
        let longer = [bytes.as_slice(), b"x"].concat();
        for answer in [answer(&Ok(outside)), answer(&Ok(deep)), longer] {
            assert!(matches!(
                read_answer(&answer, &request()),
                Err(SandboxError::BadAnswer)
            ));
        }
    }
}
