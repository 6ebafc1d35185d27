//! One image with its mask, as a layout found it; nothing is read yet.

use std::path::PathBuf;

use nerveseg_data::{Mask, Reader};

use crate::Result;

/// Makes the mask of an image of `[height, width]`.
pub(crate) type MakeMask = Box<dyn Fn(&Reader, [u32; 2]) -> Result<Mask> + Send + Sync>;

/// Where the pixels of an image are.
pub(crate) enum Pixels {
    /// A file of one frame, which our layout takes as it is.
    File(PathBuf),
    /// A frame of a file that has several.
    Frame {
        /// The file.
        path: PathBuf,
        /// Which frame, from 0.
        frame: u32,
    },
    /// A slice of a `NIfTI` volume.
    Slice {
        /// The file.
        path: PathBuf,
        /// Which slice, from 0.
        slice: usize,
    },
}

/// One image with its mask.
pub(crate) struct Item {
    /// What the table calls it: its path under the source.
    pub(crate) source: String,
    /// What subjects are told from: the path under the folder of images, without ending.
    pub(crate) name: String,
    /// The person, where the layout says it; empty where it should but does not.
    pub(crate) subject: Option<String>,
    pub(crate) pixels: Pixels,
    pub(crate) mask: MakeMask,
}

impl std::fmt::Debug for Item {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Item")
            .field("source", &self.source)
            .finish_non_exhaustive()
    }
}
