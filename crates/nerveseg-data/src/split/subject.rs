//! What splitting has to know of each person.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::dataset::try_map;
use crate::{CaseEntry, DataError, Dataset, Progress, Result};

/// What splitting needs to know of one person.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SubjectStats {
    /// Person scanned.
    pub subject_id: u32,
    /// Cases of this person.
    pub cases: usize,
    /// How many of them show a nerve.
    pub positives: usize,
}

impl SubjectStats {
    /// `positives / cases`, 0 for a person without cases.
    pub fn positive_fraction(&self) -> f64 {
        self.positives as f64 / self.cases.max(1) as f64
    }
}

/// Refuses subjects that are not among those `known`.
pub(super) fn check_known<'a>(known: &[u32], named: impl Iterator<Item = &'a u32>) -> Result<()> {
    let unknown: BTreeSet<u32> = named.copied().filter(|id| !known.contains(id)).collect();
    if unknown.is_empty() {
        return Ok(());
    }
    Err(DataError::UnknownSubjects {
        subjects: unknown.into_iter().collect(),
        known: known.to_vec(),
    })
}

impl Dataset {
    /// The cases of these subjects alone.
    ///
    /// # Errors
    ///
    /// [`DataError::UnknownSubjects`] for a subject without a case.
    pub fn of_subjects(&self, subjects: &[u32]) -> Result<Self> {
        check_known(&self.subjects(), subjects.iter())?;
        Ok(self.filter(|entry| {
            let subject = entry.case_id.subject_id;
            subject.is_some_and(|id| subjects.contains(&id))
        }))
    }

    /// Counts the cases and the positive ones of every subject, by subject; reads masks only.
    ///
    /// # Errors
    ///
    /// That of the first mask, in order, that cannot be read.
    pub fn subject_stats(&self, progress: Progress<'_>) -> Result<Vec<SubjectStats>> {
        let positive = try_map(self.cases(), CaseEntry::is_positive, progress)?;
        let mut counts = BTreeMap::<u32, (usize, usize)>::new();
        for (entry, positive) in self.cases().iter().zip(positive) {
            if let Some(subject_id) = entry.case_id.subject_id {
                let (cases, positives) = counts.entry(subject_id).or_default();
                *cases += 1;
                *positives += usize::from(positive == Some(true));
            }
        }
        Ok(counts
            .into_iter()
            .map(|(subject_id, (cases, positives))| SubjectStats {
                subject_id,
                cases,
                positives,
            })
            .collect())
    }
}
