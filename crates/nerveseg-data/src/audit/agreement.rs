//! How far labels of nearly the same picture agree: no network gets much further than that.

use serde::Serialize;

use super::inspect::Inspected;
use super::pairs::IndexedPair;
use crate::mask::RowRuns;

/// What the label of a frame says about the label of the frame most like it.
///
/// Only frames that have a labelled near-duplicate count; `None` where there is no such frame.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct LabelAgreement {
    /// Frames with a nerve that count.
    pub positives: usize,
    /// Share of them whose most similar frame shows a nerve, too.
    pub nerve_agrees: Option<f64>,
    /// Mean Dice of their masks where both show a nerve.
    pub outline_dice: Option<f64>,
    /// Empty frames that count.
    pub empties: usize,
    /// Share of them whose most similar frame is empty, too.
    pub empty_agrees: Option<f64>,
}

impl LabelAgreement {
    pub(super) fn of(cases: &[Inspected], pairs: &[IndexedPair]) -> Self {
        let is_empty = |frame: usize| cases[frame].mask.as_ref().map(RowRuns::is_empty);
        let mut closest: Vec<Option<(f32, usize, f64)>> = vec![None; cases.len()];
        for IndexedPair { frames, pair } in pairs {
            let Some(dice) = pair.dice else { continue };
            for (frame, other) in [(frames[0], frames[1]), (frames[1], frames[0])] {
                if closest[frame].is_none_or(|(similarity, ..)| pair.similarity > similarity) {
                    closest[frame] = Some((pair.similarity, other, dice));
                }
            }
        }
        let (mut positives, mut nerve, mut overlap) = (0, 0, 0.0);
        let (mut empties, mut empty) = (0, 0);
        for (frame, closest) in closest.iter().enumerate() {
            let Some((_, other, dice)) = *closest else {
                continue;
            };
            match (is_empty(frame), is_empty(other)) {
                (Some(true), other) => {
                    empties += 1;
                    empty += usize::from(other == Some(true));
                }
                (_, Some(true)) => positives += 1,
                _ => {
                    positives += 1;
                    nerve += 1;
                    overlap += dice;
                }
            }
        }
        let share = |part: f64, whole: usize| (whole > 0).then(|| part / whole as f64);
        Self {
            positives,
            nerve_agrees: share(nerve as f64, positives),
            outline_dice: share(overlap, nerve),
            empties,
            empty_agrees: share(empty as f64, empties),
        }
    }
}
