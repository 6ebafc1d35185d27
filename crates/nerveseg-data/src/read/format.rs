//! What it takes to read a format.

use nerveseg_frame::Frame;

use super::encoded::Encoded;
use super::labels::Labels;
use crate::Result;

/// A kind of file that is read.
#[derive(Debug)]
pub struct Format {
    /// What people call it.
    pub name: &'static str,
    /// Extensions in lower case, without the dot. They select files and decide nothing.
    pub extensions: &'static [&'static str],
    /// What the web calls it.
    pub media_type: &'static str,
    /// Whether the first bytes are those of such a file.
    pub(super) recognises: fn(&[u8]) -> bool,
    /// `[height, width]` in pixels; no pixel is decoded where that can be helped.
    pub(super) size: fn(&Encoded<'_>) -> Result<[u32; 2]>,
    /// How many frames there are; no pixel is decoded where that can be helped.
    pub(super) frames: fn(&Encoded<'_>) -> Result<u32>,
    /// The frame that is asked for.
    pub(super) decode: fn(&Encoded<'_>) -> Result<Frame>,
    /// The pixels of a mask, before any rule for grey.
    pub(super) labels: fn(&Encoded<'_>) -> Result<Labels>,
}
