//! What is odd about the files of a folder that were read, gathered while they are.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};

use ndarray::ArrayView2;

use crate::{CaseId, Frame, MaskValues};

/// What was seen of the files of a folder that were read.
#[derive(Debug, Default)]
pub(super) struct Seen {
    several_regions: AtomicBool,
    /// Share of the frame that each mask covers, and its values.
    masks: Mutex<BTreeMap<CaseId, (f64, MaskValues)>>,
}

impl Seen {
    /// Looks at a frame that was read.
    pub(super) fn frame(&self, frame: &Frame) {
        if frame.regions > 1 {
            self.several_regions.store(true, Ordering::Relaxed);
        }
    }

    /// Looks at a mask that was read.
    pub(super) fn mask(&self, case_id: CaseId, mask: ArrayView2<'_, bool>, values: MaskValues) {
        let nerve: usize = mask.iter().map(|&set| usize::from(set)).sum();
        let share = nerve as f64 / mask.len().max(1) as f64;
        let mut masks = self.masks.lock().unwrap_or_else(PoisonError::into_inner);
        masks.insert(case_id, (share, values));
    }

    /// Share of the frame that a mask covers, if it was read.
    pub(super) fn share(&self, case_id: CaseId) -> Option<f64> {
        let masks = self.masks.lock().unwrap_or_else(PoisonError::into_inner);
        masks.get(&case_id).map(|&(share, _)| share)
    }

    /// Whether any frame shows several regions of tissue.
    pub(super) fn has_several_regions(&self) -> bool {
        self.several_regions.load(Ordering::Relaxed)
    }

    /// Calls `see` for each mask that was read, in the order of their names.
    pub(super) fn each_mask(&self, mut see: impl FnMut(CaseId, f64, MaskValues)) {
        let masks = self.masks.lock().unwrap_or_else(PoisonError::into_inner);
        for (&case_id, &(share, values)) in &*masks {
            see(case_id, share, values);
        }
    }
}

impl PartialEq for Seen {
    /// What was seen so far says nothing of what a folder holds.
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl Eq for Seen {}
