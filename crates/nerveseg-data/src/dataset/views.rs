//! Whether frames show several views of tissue, of which one is used.

use std::sync::OnceLock;

use crate::Frame;

/// What was seen of the frames of a folder that were read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Views {
    several: OnceLock<()>,
}

impl Views {
    /// Looks at a frame that was read.
    pub(super) fn note(&self, frame: &Frame) {
        if frame.regions > 1 {
            self.several.get_or_init(|| ());
        }
    }

    /// Whether any frame has several.
    pub(super) fn are_several(&self) -> bool {
        self.several.get().is_some()
    }
}
