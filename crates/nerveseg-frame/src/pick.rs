//! Which frame of a file, and which part of it.

/// Which frame of a file, counted from 0, and which of the regions of tissue on it.
///
/// A number is a frame with the largest region on it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Pick {
    /// Frame, from 0.
    pub frame: u32,
    /// Region of tissue, from 0, in the order of the file; the largest if `None`.
    pub region: Option<u32>,
}

impl From<u32> for Pick {
    fn from(frame: u32) -> Self {
        Self {
            frame,
            region: None,
        }
    }
}
