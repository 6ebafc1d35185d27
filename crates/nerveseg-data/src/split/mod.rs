//! Which subjects are trained on, watched, and tested.

mod file;
mod frame;
mod linked;
mod partition;
mod stratify;
mod subject;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

pub use self::file::{SplitKind, Splits};
pub use self::frame::FrameSplit;
pub use self::linked::split_linked;
pub use self::partition::Partition;
pub use self::stratify::{HoldoutSize, PartSize, k_fold};
pub use self::subject::SubjectStats;
use crate::{DataError, Dataset, Result};

/// Persons in three parts that do not overlap; each part is sorted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Parts")]
pub struct Split {
    train: Vec<u32>,
    validation: Vec<u32>,
    test: Vec<u32>,
}

/// A split as text has it, nothing checked yet.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Parts {
    train: Vec<u32>,
    validation: Vec<u32>,
    test: Vec<u32>,
}

impl TryFrom<Parts> for Split {
    type Error = DataError;

    fn try_from(parts: Parts) -> Result<Self> {
        Self::new(parts.train, parts.validation, parts.test)
    }
}

impl Split {
    /// Checks and sorts three parts; any may be empty.
    ///
    /// # Errors
    ///
    /// [`DataError::SubjectOverlap`] for a subject that is named twice.
    pub fn new(train: Vec<u32>, validation: Vec<u32>, test: Vec<u32>) -> Result<Self> {
        let mut split = Self {
            train,
            validation,
            test,
        };
        let mut owner = BTreeMap::new();
        for (part, subjects) in split.parts() {
            for &subject_id in subjects {
                if let Some(first) = owner.insert(subject_id, part) {
                    return Err(DataError::SubjectOverlap {
                        subject_id,
                        first,
                        second: part,
                    });
                }
            }
        }
        for part in [&mut split.train, &mut split.validation, &mut split.test] {
            part.sort_unstable();
        }
        Ok(split)
    }

    /// One stratified split; see [`k_fold`] for what is spread evenly.
    ///
    /// Depends on the subjects and the seed alone, not on the order of `subjects`.
    ///
    /// # Errors
    ///
    /// A fraction outside `[0, 1)`, or no subject left to train on.
    pub fn holdout(subjects: &[SubjectStats], size: HoldoutSize, seed: u64) -> Result<Self> {
        stratify::holdout(subjects, size, seed)
    }

    /// Subjects to fit weights on.
    pub fn train(&self) -> &[u32] {
        &self.train
    }

    /// Subjects that early stopping and thresholds watch.
    pub fn validation(&self) -> &[u32] {
        &self.validation
    }

    /// Subjects that are scored once, at the end.
    pub fn test(&self) -> &[u32] {
        &self.test
    }

    /// Checks that split and dataset name the same subjects.
    ///
    /// # Errors
    ///
    /// [`DataError::SubjectNotSplit`] or [`DataError::SubjectNotInDataset`].
    pub fn check_covers(&self, dataset: &Dataset) -> Result<()> {
        let subjects = dataset.subjects();
        for (part, named) in self.parts() {
            for &subject_id in named {
                if subjects.binary_search(&subject_id).is_err() {
                    return Err(DataError::SubjectNotInDataset { subject_id, part });
                }
            }
        }
        match subjects
            .into_iter()
            .find(|&subject_id| !self.names(subject_id))
        {
            Some(subject_id) => Err(DataError::SubjectNotSplit { subject_id }),
            None => Ok(()),
        }
    }

    /// Cases of every part, in natural order; subjects that no part names are left out.
    pub fn resolve(&self, dataset: &Dataset) -> Partition {
        let cases_of = |subjects: &[u32]| {
            dataset
                .cases()
                .iter()
                .map(|entry| entry.case_id)
                .filter(|case_id| {
                    case_id
                        .subject_id
                        .is_some_and(|id| subjects.binary_search(&id).is_ok())
                })
                .collect()
        };
        Partition {
            train: cases_of(&self.train),
            validation: cases_of(&self.validation),
            test: cases_of(&self.test),
        }
    }

    fn parts(&self) -> [(&'static str, &[u32]); 3] {
        [
            ("train", &self.train),
            ("validation", &self.validation),
            ("test", &self.test),
        ]
    }

    fn names(&self, subject_id: u32) -> bool {
        self.parts()
            .iter()
            .any(|(_, subjects)| subjects.binary_search(&subject_id).is_ok())
    }
}
