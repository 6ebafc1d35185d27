//! What can go wrong between two layouts.

use std::path::{Path, PathBuf};

/// Shorthand for results of this crate.
pub type Result<T, E = ImportError> = std::result::Result<T, E>;

/// What can go wrong between two layouts.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ImportError {
    /// An image or a mask cannot be read or written.
    #[error(transparent)]
    Data(#[from] nerveseg_data::DataError),
    /// The system refuses.
    #[error("cannot use `{}`", path.display())]
    System {
        /// File or folder.
        path: PathBuf,
        /// Reason given by the system.
        #[source]
        source: std::io::Error,
    },
    /// The folder has none of the known layouts.
    #[error(
        "`{}` has no layout that is known: {known}; `--format` names one",
        path.display()
    )]
    UnknownLayout {
        /// Offending folder.
        path: PathBuf,
        /// Names of the layouts.
        known: String,
    },
    /// A file breaks a rule of its layout.
    #[error("`{}`: {reason}", path.display())]
    Malformed {
        /// Offending file.
        path: PathBuf,
        /// What was found and what was expected.
        reason: String,
    },
    /// There are several labels.
    #[error(
        "`{}` has the labels {names}; which of them is the nerve? (`--labels NAME`, or \
         `--label-value N` where they are numbers)",
        path.display()
    )]
    WhichLabel {
        /// File or folder that has them.
        path: PathBuf,
        /// Their names.
        names: String,
    },
    /// Nobody can tell whom an image shows; a wrong subject is a leak.
    #[error(
        "cannot tell which person `{name}` shows{}: give `--subject-from folder` if folders are \
         people, or `--subject-from REGEX` whose group is the person, such as \
         `--subject-from '^([^_]+)_'`",
        if *others > 0 { format!(" (and {others} more)") } else { String::new() }
    )]
    NoSubject {
        /// First such image.
        name: String,
        /// How many more there are.
        others: usize,
    },
    /// The pattern for subjects is none.
    #[error("`--subject-from {pattern}`: {reason}")]
    BadPattern {
        /// What was given.
        pattern: String,
        /// What is wrong with it.
        reason: String,
    },
    /// Nothing that exists is overwritten.
    #[error("`{}` is not empty; nothing in it was changed", path.display())]
    NotEmpty {
        /// Offending folder.
        path: PathBuf,
    },
}

impl ImportError {
    pub(crate) fn malformed(path: &Path, reason: impl Into<String>) -> Self {
        Self::Malformed {
            path: path.to_owned(),
            reason: reason.into(),
        }
    }

    /// For `map_err`: the system refused something about `path`.
    pub(crate) fn system(path: &Path) -> impl FnOnce(std::io::Error) -> Self + '_ {
        |source| Self::System {
            path: path.to_owned(),
            source,
        }
    }
}
