//! What all masks of a set have in common, where that is odd.

use std::collections::{BTreeMap, BTreeSet};

use crate::{CaseId, Dataset, MaskValues};

/// Cases that a remark names; the rest is counted.
const NAMED: usize = 5;

/// What the masks of a set look like as a whole.
///
/// Training learns whatever masks say, inverted and empty ones, too. So it is said beforehand.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct MaskSurvey {
    /// Masks looked at.
    pub masks: usize,
    /// Masks with a nerve in them.
    pub with_nerve: usize,
    /// Masks without a pixel of background.
    pub everywhere: usize,
    /// Masks that cover over half of the frame, and the share that they cover.
    pub over_half: Vec<(CaseId, f64)>,
    /// How many masks have which values.
    pub values: BTreeMap<MaskValues, usize>,
}

impl MaskSurvey {
    /// Counts a mask of which `share` (0 to 1) is nerve.
    pub(crate) fn add(&mut self, case_id: CaseId, share: f64, values: MaskValues) {
        self.masks += 1;
        self.with_nerve += usize::from(share > 0.0);
        self.everywhere += usize::from(share >= 1.0);
        if share > 0.5 {
            self.over_half.push((case_id, share));
        }
        *self.values.entry(values).or_default() += 1;
    }

    /// Whether there is nothing to learn: masks, but not one with a nerve.
    pub fn has_no_nerve(&self) -> bool {
        self.masks > 0 && self.with_nerve == 0
    }

    /// Whether there is nothing to learn: not one mask with a pixel of background.
    pub fn is_all_nerve(&self) -> bool {
        self.masks > 0 && self.everywhere == self.masks
    }

    /// Values of the nerve, if the masks do not agree on one: probably several structures.
    pub fn different_values(&self) -> Option<String> {
        let value = |values: &MaskValues| match *values {
            MaskValues::Plain => None,
            MaskValues::Grey(value) | MaskValues::Palette(value) => Some(value),
        };
        let distinct: BTreeSet<u16> = self.values.keys().filter_map(value).collect();
        let values: Vec<String> = distinct.iter().map(u16::to_string).collect();
        (values.len() > 1).then(|| values.join(", "))
    }

    /// Which masks were read by a rule of their own, one sentence for each kind.
    pub fn notes(&self) -> Vec<String> {
        let odd = self
            .values
            .iter()
            .filter(|(it, _)| **it != MaskValues::Plain);
        odd.map(|(values, &count)| {
            let (masks, hold) = if count == 1 {
                ("mask", "holds")
            } else {
                ("masks", "hold")
            };
            format!("{count} {masks} {hold} {values}, read as background and nerve")
        })
        .collect()
    }

    /// How masks were read where that takes a rule of its own, one sentence each.
    pub fn readings(&self) -> Vec<String> {
        let mut readings = self.notes();
        if let Some(values) = self.different_values() {
            readings.push(format!(
                "warning: the nerve has different values: {values}; are these several structures?"
            ));
        }
        readings
    }

    /// [`MaskSurvey::readings`], and what makes the masks useless or doubtful, one sentence each;
    /// nothing for an ordinary set.
    pub fn remarks(&self) -> Vec<String> {
        let mut remarks = self.readings();
        if self.has_no_nerve() {
            remarks.push("warning: no mask has a nerve in it".to_owned());
        }
        if self.is_all_nerve() {
            remarks.push("warning: every mask covers the whole frame".to_owned());
        } else if !self.over_half.is_empty() {
            let count = self.over_half.len();
            let named = self.over_half.iter().take(NAMED);
            let names: Vec<String> = named.map(|(case_id, _)| case_id.to_string()).collect();
            remarks.push(format!(
                "warning: {count} {} over half of the frame: {}{}; inverted?",
                if count == 1 {
                    "mask covers"
                } else {
                    "masks cover"
                },
                names.join(", "),
                if count > NAMED { ", …" } else { "" }
            ));
        }
        remarks
    }
}

impl Dataset {
    /// What the masks of these cases look like that were read so far.
    pub fn mask_survey(&self) -> MaskSurvey {
        let mut survey = MaskSurvey::default();
        self.seen.each_mask(|case_id, share, values| {
            if self.get(case_id).is_some() {
                survey.add(case_id, share, values);
            }
        });
        survey
    }
}
