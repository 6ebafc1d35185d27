#![doc = include_str!("../README.md")]

mod atomic;
pub mod audit;
mod case;
mod dataset;
mod error;
mod fingerprint;
pub mod mask;
mod masks_csv;
mod name;
mod parallel;
pub mod phantom;
mod read;
mod scan;
mod split;
pub mod stats;
mod submission;
pub mod ultrasound;
mod write_tiff;

pub use atomic::{write_atomic, write_atomic_bytes};
pub use case::{Case, CaseId};
pub use dataset::{CaseEntry, Dataset, MaskSource, Progress};
pub use error::{DataError, Result};
pub use fingerprint::hex;
pub use mask::Mask;
pub use mask::rle::{self, RleError, Run, RunLengths};
pub use masks_csv::MaskRow;
pub use name::has_image_extension;
pub use read::{
    ReadLimits, read_image, read_image_bytes, read_image_bytes_with, read_image_with, read_mask,
};
pub use scan::Scan;
pub use split::{
    FrameSplit, HoldoutSize, PartSize, Partition, Split, SplitKind, Splits, SubjectStats, k_fold,
    split_linked,
};
pub use submission::write_submission;
pub use write_tiff::write_gray_tiff;
