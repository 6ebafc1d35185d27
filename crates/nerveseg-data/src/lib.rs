#![doc = include_str!("../README.md")]

#[cfg(feature = "files")]
mod atomic;
#[cfg(feature = "dataset")]
pub mod audit;
mod case;
#[cfg(feature = "dataset")]
mod dataset;
mod error;
pub mod file_kind;
mod hex;
#[cfg_attr(
    not(feature = "dataset"),
    expect(
        dead_code,
        unused_imports,
        reason = "audit and statistics ask more of a mask"
    )
)]
pub mod mask;
#[cfg(feature = "dataset")]
pub mod phantom;
#[cfg_attr(
    not(feature = "dataset"),
    expect(dead_code, reason = "folders ask for the size of an image alone")
)]
mod read;
#[cfg(feature = "dataset")]
mod sites;
#[cfg(feature = "dataset")]
mod split;
#[cfg(feature = "dataset")]
pub mod stats;
pub mod ultrasound;
#[cfg(feature = "dataset")]
mod write_tiff;

#[cfg(feature = "files")]
pub use atomic::{AtomicBatch, create_atomic_bytes, write_atomic, write_atomic_bytes};
pub use case::{Case, CaseId};
#[cfg(feature = "dataset")]
pub use dataset::{
    CaseEntry, DataChanges, Dataset, FileHashes, MaskRow, MaskSource, MaskSurvey, Progress, Scan,
    hash_file, write_submission,
};
pub use error::{DataError, Result};
pub use file_kind::FileKind;
pub use hex::hex;
pub use mask::Mask;
pub use mask::rle::{self, RleError, Run, RunLengths};
pub use nerveseg_frame::{Frame, Pick, Region, shown};
pub use read::{
    DicomDecoder, FORMATS, Format, LabelKind, Labels, MaskValues, ReadLimits, Reader, accepted,
    extensions, format_names, has_image_extension, read_image, read_image_bytes, read_mask,
};
#[cfg(feature = "dataset")]
pub use sites::{SiteSubjects, Sites};
#[cfg(feature = "dataset")]
pub use split::{
    FrameSplit, HoldoutSize, PartSize, Partition, Split, SplitKind, Splits, SubjectStats, k_fold,
    split_linked,
};
#[cfg(feature = "dataset")]
pub use write_tiff::write_gray_tiff;
