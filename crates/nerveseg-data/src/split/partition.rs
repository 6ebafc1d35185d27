//! Cases in three parts, whatever rule made them.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::CaseId;

/// Cases to train on, to watch, and to test; made by [`Split::resolve`](crate::Split::resolve) or,
/// with a leak, by [`FrameSplit::resolve`](crate::FrameSplit::resolve).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Partition {
    /// Cases to fit weights on.
    pub train: Vec<CaseId>,
    /// Cases that early stopping and thresholds watch.
    pub validation: Vec<CaseId>,
    /// Cases that are scored once, at the end.
    pub test: Vec<CaseId>,
}

impl Partition {
    /// Subjects with cases in more than one part, rising; empty for a split by subject.
    pub fn overlapping_subjects(&self) -> Vec<u32> {
        let mut parts = BTreeMap::<u32, [bool; 3]>::new();
        for (part, cases) in [&self.train, &self.validation, &self.test]
            .into_iter()
            .enumerate()
        {
            for subject_id in cases.iter().filter_map(|case_id| case_id.subject_id) {
                parts.entry(subject_id).or_default()[part] = true;
            }
        }
        parts
            .into_iter()
            .filter(|(_, seen)| seen.iter().filter(|&&seen| seen).count() > 1)
            .map(|(subject_id, _)| subject_id)
            .collect()
    }
}
