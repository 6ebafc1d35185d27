//! The cases of a folder, by name; pixels are read when asked for.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::deep::DeepFrames;
use super::entry::CaseEntry;
use super::parallel::{Progress, try_map};
use super::seen::Seen;
use crate::{Case, CaseId, DataError, Result, Sites};

/// The cases of a UNS folder, in natural order; see the crate's front page for the layout.
#[derive(Clone, Debug)]
pub struct Dataset {
    pub(super) root: PathBuf,
    pub(super) cases: Vec<CaseEntry>,
    pub(super) test_frames: Vec<CaseEntry>,
    pub(super) rows_without_image: usize,
    pub(super) deep: Arc<DeepFrames>,
    pub(super) seen: Arc<Seen>,
    pub(super) sites: Arc<Sites>,
}

impl Dataset {
    /// Folder that was opened.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// Cases with a mask, by subject, then by number.
    pub fn cases(&self) -> &[CaseEntry] {
        &self.cases
    }

    /// Frames of the test set, by number; they have no mask.
    pub fn test_frames(&self) -> &[CaseEntry] {
        &self.test_frames
    }

    /// Rows of `train_masks.csv` whose image is not here; normal for a subset.
    pub fn rows_without_image(&self) -> usize {
        self.rows_without_image
    }

    /// Whether any frame that was read shows several regions of tissue, of which the largest is
    /// used.
    pub fn has_several_regions(&self) -> bool {
        self.seen.has_several_regions()
    }

    /// How many of their 16 bits the samples of deep frames use: the same for all that do not say
    /// it themselves, and the fewest of 8, 10, 12, 14 and 16 that hold every sample of the folder.
    ///
    /// `None` as long as no such frame was read.
    pub fn deep_bits(&self) -> Option<u16> {
        self.deep.bits()
    }

    /// Persons scanned, rising.
    pub fn subjects(&self) -> Vec<u32> {
        let subjects: BTreeSet<u32> = self
            .cases
            .iter()
            .filter_map(|entry| entry.case_id.subject_id)
            .collect();
        subjects.into_iter().collect()
    }

    /// Which machine or hospital each subject comes from.
    pub fn sites(&self) -> &Sites {
        &self.sites
    }

    /// Entry of one case or test frame.
    pub fn get(&self, case_id: CaseId) -> Option<&CaseEntry> {
        let entries = match case_id.subject_id {
            Some(_) => &self.cases,
            None => &self.test_frames,
        };
        let index = entries
            .binary_search_by_key(&case_id, |entry| entry.case_id)
            .ok()?;
        Some(&entries[index])
    }

    /// The dataset of these cases (and test frames) alone, in natural order.
    ///
    /// # Errors
    ///
    /// [`DataError::UnknownCase`] for a case that is not here.
    pub fn select(&self, case_ids: &[CaseId]) -> Result<Self> {
        if let Some(&case_id) = case_ids
            .iter()
            .find(|&&case_id| self.get(case_id).is_none())
        {
            return Err(DataError::UnknownCase {
                case_id,
                root: self.root.clone(),
            });
        }
        let wanted: BTreeSet<CaseId> = case_ids.iter().copied().collect();
        Ok(self.filter(|entry| wanted.contains(&entry.case_id)))
    }

    /// The dataset of the cases and test frames that `keep` approves of.
    #[must_use]
    pub fn filter(&self, keep: impl Fn(&CaseEntry) -> bool) -> Self {
        let kept = |entries: &[CaseEntry]| {
            entries
                .iter()
                .filter(|&entry| keep(entry))
                .cloned()
                .collect()
        };
        Self {
            root: self.root.clone(),
            cases: kept(&self.cases),
            test_frames: kept(&self.test_frames),
            rows_without_image: self.rows_without_image,
            deep: Arc::clone(&self.deep),
            seen: Arc::clone(&self.seen),
            sites: Arc::clone(&self.sites),
        }
    }

    /// Reads all cases with a mask, in order, on all cores.
    ///
    /// The full UNS set takes 2.7 GB; [`Dataset::par_load`] keeps only what is needed.
    ///
    /// # Errors
    ///
    /// That of the first case, in order, that cannot be loaded.
    pub fn load_all(&self, progress: Progress<'_>) -> Result<Vec<Case>> {
        self.par_load(|case| case, progress)
    }

    /// Reads all cases with a mask on all cores and maps each where it was read; keeps the order.
    ///
    /// # Errors
    ///
    /// That of the first case, in order, that cannot be loaded.
    pub fn par_load<T: Send>(
        &self,
        map: impl Fn(Case) -> T + Sync,
        progress: Progress<'_>,
    ) -> Result<Vec<T>> {
        try_map(&self.cases, |entry| entry.load().map(&map), progress)
    }
}
