//! What the markers of a JPEG say, before anything is decoded.

use crate::error::{Result, damaged, truncated};

const START_OF_IMAGE: u8 = 0xd8;
const END_OF_IMAGE: u8 = 0xd9;
const START_OF_SCAN: u8 = 0xda;
const RESTART_INTERVAL: u8 = 0xdd;

/// The marks of a JPEG that decide whether and how it is decoded.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct JpegHeader {
    /// Number of the start-of-frame marker: 0 baseline, 1 extended, 2 progressive, 3 lossless, …
    pub(super) process: u8,
    /// Bits per sample.
    pub(super) precision: u8,
    pub(super) rows: u16,
    pub(super) columns: u16,
    /// What each component is called.
    pub(super) components: Vec<u8>,
    /// Whether any component has fewer samples than another.
    pub(super) subsampled: bool,
    pub(super) scans: usize,
    /// Whether a scan has restart markers, or drops low bits.
    pub(super) restarts_or_shifts: bool,
    pub(super) is_jfif: bool,
    /// Colour transform of Adobe: 0 none, 1 YCbCr.
    pub(super) adobe: Option<u8>,
}

impl JpegHeader {
    /// Walks over all markers of one image.
    pub(super) fn read(bytes: &[u8]) -> Result<Self> {
        if !bytes.starts_with(&[0xff, START_OF_IMAGE]) {
            return Err(damaged("a compressed frame that is not a JPEG"));
        }
        let mut header = Self::default();
        let mut at = 2;
        loop {
            let (marker, after) = next_marker(bytes, at).ok_or_else(|| truncated("a JPEG"))?;
            at = after;
            match marker {
                END_OF_IMAGE => break,
                // markers without a segment
                0x01 | 0xd0..=START_OF_IMAGE => {}
                _ => {
                    let segment = segment(bytes, at).ok_or_else(|| truncated("a JPEG"))?;
                    at += 2 + segment.len();
                    header
                        .take(marker, segment)
                        .ok_or_else(|| damaged("a segment of a JPEG is too short"))??;
                }
            }
        }
        if header.components.is_empty() || header.scans == 0 {
            return Err(damaged("a JPEG without an image"));
        }
        Ok(header)
    }

    /// Notes what a segment says; `None` if it is too short for what it should hold.
    fn take(&mut self, marker: u8, segment: &[u8]) -> Option<Result<()>> {
        match marker {
            // tables and a reserved marker lie between the start-of-frame markers
            0xc4 | 0xc8 | 0xcc => {}
            0xc0..=0xcf => {
                if !self.components.is_empty() {
                    return Some(Err(damaged("a JPEG with several frames")));
                }
                let &[precision, r0, r1, c0, c1, count] = segment.first_chunk()?;
                self.process = marker - 0xc0;
                self.precision = precision;
                self.rows = u16::from_be_bytes([r0, r1]);
                self.columns = u16::from_be_bytes([c0, c1]);
                let components = segment.get(6..6 + 3 * usize::from(count))?.chunks_exact(3);
                self.subsampled = components.clone().any(|one| one[1] != segment[7]);
                self.components = components.map(|one| one[0]).collect();
            }
            START_OF_SCAN => {
                self.scans += 1;
                self.restarts_or_shifts |= segment.last()? & 0x0f != 0;
            }
            RESTART_INTERVAL => self.restarts_or_shifts |= segment != [0, 0],
            0xe0 => self.is_jfif |= segment.starts_with(b"JFIF\0"),
            0xee if segment.starts_with(b"Adobe") => self.adobe = Some(*segment.get(11)?),
            _ => {}
        }
        Some(Ok(()))
    }
}

/// The next marker at or after `at`, and where it ends. What lies before it is coded pixels or, as
/// every decoder allows, rubbish.
fn next_marker(bytes: &[u8], at: usize) -> Option<(u8, usize)> {
    let start = bytes
        .get(at..)?
        .windows(2)
        .position(|pair| pair[0] == 0xff && !matches!(pair[1], 0x00 | 0xff))?;
    Some((bytes[at + start + 1], at + start + 2))
}

/// The content of the segment whose length is at `at`.
fn segment(bytes: &[u8], at: usize) -> Option<&[u8]> {
    let length = usize::from(u16::from_be_bytes(*bytes.get(at..)?.first_chunk()?));
    bytes.get(at + 2..at + length)
}
