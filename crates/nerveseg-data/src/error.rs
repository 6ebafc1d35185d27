//! Everything that can go wrong between a folder and a case.

use std::path::PathBuf;

/// Shorthand for results of this crate.
pub type Result<T, E = DataError> = std::result::Result<T, E>;

/// Everything that can go wrong while indexing or reading a dataset.
///
/// Messages are lower-case, name the file and what was expected, and never repeat their `source`.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DataError {
    /// The file cannot be read at all.
    #[error("cannot read `{}`", path.display())]
    ReadFile {
        /// Offending file.
        path: PathBuf,
        /// Reason given by the system.
        #[source]
        source: std::io::Error,
    },
}
