//! The program as a person runs it.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

mod adapt;
mod dicom;
#[path = "../../../../crates/nerveseg-data/tests/core/dicom_file.rs"]
mod dicom_file;
mod ensemble;
mod errors;
mod flags;
mod folds;
#[cfg(unix)]
mod get_uns;
mod help;
mod import;
mod init;
mod kept;
mod odd_frames;
mod odd_predict;
mod odd_training;
mod predict_again;
mod resume;
mod story;
mod util;
