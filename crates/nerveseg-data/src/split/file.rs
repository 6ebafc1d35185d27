//! `splits.json`: a split that is fixed before training and checked when it is read.

use std::fs;
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::{Parts, Split};
use crate::{DataError, Result, write_atomic_bytes};

/// Rule that made the folds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SplitKind {
    /// One fold from [`Split::holdout`].
    Holdout,
    /// Folds from [`k_fold`](crate::k_fold).
    KFold,
    /// Folds chosen by hand.
    Manual,
}

/// Folds with what is needed to make them again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Splits {
    /// Rule that made the folds.
    pub kind: SplitKind,
    /// Seed it was given.
    pub seed: u64,
    /// [`Dataset::fingerprint`](crate::Dataset::fingerprint) of the data it was made for.
    pub fingerprint: Option<String>,
    /// The folds, one for a holdout.
    pub folds: Vec<Split>,
}

/// The text of the file; nothing is checked yet.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct RawSplits {
    #[serde(rename = "format_version")]
    _format_version: u64,
    kind: SplitKind,
    seed: u64,
    #[serde(default)]
    fingerprint: Option<String>,
    folds: Vec<Parts>,
}

#[derive(Debug, Deserialize)]
struct Version {
    format_version: u64,
}

#[derive(Serialize)]
struct SplitsText<'a> {
    format_version: u64,
    kind: SplitKind,
    seed: u64,
    fingerprint: Option<&'a str>,
    folds: &'a [Split],
}

impl Splits {
    /// Version of the file format that this crate reads and writes.
    pub const FORMAT_VERSION: u64 = 1;

    /// The text of `splits.json`.
    ///
    /// # Panics
    ///
    /// Never: a split is plain data.
    pub fn to_json(&self) -> String {
        let text = SplitsText {
            format_version: Self::FORMAT_VERSION,
            kind: self.kind,
            seed: self.seed,
            fingerprint: self.fingerprint.as_deref(),
            folds: &self.folds,
        };
        let json = serde_json::to_string_pretty(&text).expect("a split is plain data");
        json + "\n"
    }

    /// Writes `splits.json` in one step.
    ///
    /// # Errors
    ///
    /// [`DataError::WriteFile`] if the file cannot be written.
    pub fn save(&self, path: impl AsRef<Path>) -> Result<()> {
        write_atomic_bytes(path, self.to_json().as_bytes())
    }

    /// Reads and checks `splits.json`.
    ///
    /// # Errors
    ///
    /// A file that cannot be read or parsed, another format version, or a fold in which a subject
    /// is named twice.
    pub fn load(path: impl AsRef<Path>) -> Result<Self> {
        let path = path.as_ref();
        let bytes = fs::read(path).map_err(|source| DataError::ReadFile {
            path: path.to_owned(),
            source,
        })?;
        let parse_error = |source| DataError::ParseSplits {
            path: path.to_owned(),
            source,
        };
        // the version first: another one may look different in every other field
        let Version { format_version } = serde_json::from_slice(&bytes).map_err(parse_error)?;
        if format_version != Self::FORMAT_VERSION {
            return Err(DataError::SplitVersion {
                path: path.to_owned(),
                found: format_version,
                expected: Self::FORMAT_VERSION,
            });
        }
        let raw: RawSplits = serde_json::from_slice(&bytes).map_err(parse_error)?;
        let folds = raw
            .folds
            .into_iter()
            .enumerate()
            .map(|(fold, parts)| {
                Split::try_from(parts).map_err(|source| DataError::BadFold {
                    path: path.to_owned(),
                    fold,
                    source: Box::new(source),
                })
            })
            .collect::<Result<_>>()?;
        Ok(Self {
            kind: raw.kind,
            seed: raw.seed,
            fingerprint: raw.fingerprint,
            folds,
        })
    }
}
