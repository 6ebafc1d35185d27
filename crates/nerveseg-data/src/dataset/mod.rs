//! Folders of cases: names, mask tables, content.

mod deep;
mod entry;
mod fingerprint;
mod folder;
mod hashes;
mod masks_csv;
mod name;
mod parallel;
mod scan;
mod seen;
mod submission;
mod survey;

pub use entry::{CaseEntry, MaskSource};
pub use fingerprint::hash_file;
pub use folder::Dataset;
pub use hashes::{DataChanges, FileHashes};
pub use masks_csv::MaskRow;
pub(crate) use masks_csv::{MaskRows, read_mask_rows};
pub use parallel::Progress;
pub(crate) use parallel::try_map;
pub use scan::Scan;
pub use submission::write_submission;
pub use survey::MaskSurvey;
