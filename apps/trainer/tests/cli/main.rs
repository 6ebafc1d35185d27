//! The program as a person runs it.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

mod dicom;
mod errors;
mod flags;
mod help;
mod resume;
mod story;
mod util;
