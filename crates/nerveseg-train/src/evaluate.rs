//! A model on a set of cases: every score at the original size, with hard masks.

use nerveseg_data::{Case, CaseEntry, CaseId};
use nerveseg_metrics::{BaselineMask, CaseResult, Evaluation, EvaluationOptions, MeanMask};
use nerveseg_model::{Segmentation, Segmenter};
use rayon::prelude::*;
use std::collections::BTreeMap;

use crate::error::{Result, TrainError};

/// Cases in memory at a time.
const CHUNK: usize = 32;

/// Scores of a model and the rows they are made of.
#[derive(Clone, Debug)]
pub struct Scored {
    /// The aggregates, with intervals and baselines.
    pub evaluation: Evaluation,
    /// One row a case, in the order of the entries.
    pub results: Vec<CaseResult>,
}

/// Scores `segmenter` on labelled cases.
///
/// The mean-mask baseline of a case is the mean of the other subjects' masks in `entries`.
///
/// # Errors
///
/// Fails on an empty list, on the first case that cannot be read and if the device fails.
pub fn evaluate(
    segmenter: &Segmenter,
    entries: &[CaseEntry],
    options: &EvaluationOptions,
    progress: &mut dyn FnMut(usize),
) -> Result<Scored> {
    if entries.is_empty() {
        let hint = "the folder needs images with masks, `S_N.tif` and `S_N_mask.tif`";
        return Err(TrainError::EmptyPart {
            part: "evaluation",
            hint,
        });
    }
    let baselines = mean_masks(entries)?;
    let mut results = Vec::with_capacity(entries.len());
    for chunk in entries.chunks(CHUNK) {
        let cases: Vec<Case> = chunk
            .par_iter()
            .map(CaseEntry::load)
            .collect::<Result<_, _>>()?;
        let frames: Vec<_> = cases.iter().map(|case| &case.frame).collect();
        let segmentations = segmenter.segment_frames(&frames)?;
        let score = |(case, segmentation): (&Case, &Segmentation)| {
            score_case(case, segmentation, &baselines)
        };
        results.par_extend(cases.par_iter().zip(&segmentations).map(score));
        progress(results.len());
    }
    Ok(Scored {
        evaluation: Evaluation::from_results(&results, options),
        results,
    })
}

fn score_case(
    case: &Case,
    segmentation: &Segmentation,
    baselines: &BTreeMap<u32, BaselineMask>,
) -> CaseResult {
    let truth = case
        .mask
        .as_ref()
        .expect("labelled entries have masks")
        .view();
    let subject_id = case.case_id.subject_id.unwrap_or_default();
    let presence = f64::from(segmentation.presence).clamp(0.0, 1.0);
    let result = CaseResult::new(
        case.case_id.to_string(),
        subject_id,
        segmentation.mask.view(),
        truth,
        None,
    )
    .with_presence(presence)
    .with_probabilities(segmentation.probabilities.view(), truth);
    match baselines.get(&subject_id) {
        Some(mean) => {
            let (height, width) = truth.dim();
            result.with_mean_mask(mean.resized([height, width]).view(), truth)
        }
        None => result,
    }
}

/// For every subject the mean mask of the others; empty with a single subject.
fn mean_masks(entries: &[CaseEntry]) -> Result<BTreeMap<u32, BaselineMask>> {
    let mut mean = MeanMask::new();
    for chunk in entries.chunks(CHUNK) {
        let masks: Vec<_> = chunk
            .par_iter()
            .map(CaseEntry::load_mask)
            .collect::<Result<Vec<_>, _>>()?;
        for (entry, mask) in chunk.iter().zip(masks) {
            if let (Some(subject_id), Some(mask)) = (entry.case_id.subject_id, mask) {
                mean.add(subject_id, mask.view());
            }
        }
    }
    let mut subjects: Vec<u32> = entries
        .iter()
        .filter_map(|e| e.case_id.subject_id)
        .collect();
    subjects.dedup();
    let mask = |subject_id| Some((subject_id, mean.without_subject(subject_id)?));
    Ok(subjects.into_iter().filter_map(mask).collect())
}

/// Cases worth looking at, by Dice over positive frames (over all frames if there are none).
#[derive(Clone, Debug, PartialEq)]
pub struct Showcase {
    /// Highest Dice first.
    pub best: Vec<CaseId>,
    /// Around the median.
    pub median: Vec<CaseId>,
    /// Lowest Dice first.
    pub worst: Vec<CaseId>,
}

impl Showcase {
    /// Picks up to `count` cases of each kind; no case is in two.
    pub fn pick(results: &[CaseResult], count: usize) -> Self {
        let mut rows: Vec<&CaseResult> = results.iter().filter(|r| r.present).collect();
        if rows.is_empty() {
            rows = results.iter().collect();
        }
        rows.sort_by(|a, b| b.scores.dice.total_cmp(&a.scores.dice));
        let ids: Vec<CaseId> = rows.iter().filter_map(|r| r.case_id.parse().ok()).collect();
        let count = count.min(ids.len() / 3).max(usize::from(!ids.is_empty()));
        let middle = (ids.len() / 2).saturating_sub(count / 2);
        let slice = |from: usize| ids.iter().skip(from).take(count).copied();
        let best: Vec<CaseId> = slice(0).collect();
        let worst: Vec<CaseId> = ids
            .iter()
            .rev()
            .take(count)
            .filter(|id| !best.contains(id))
            .copied()
            .collect();
        let taken = |id: &CaseId| best.contains(id) || worst.contains(id);
        let median = slice(middle).filter(|id| !taken(id)).collect();
        Self {
            best,
            median,
            worst,
        }
    }
}

#[cfg(test)]
mod tests {
    use ndarray::Array2;

    use super::*;

    fn result(number: u32, overlap: usize) -> CaseResult {
        let truth = Array2::from_shape_fn((4, 10), |(r, _)| r == 0);
        let prediction = Array2::from_shape_fn((4, 10), |(r, c)| r == 0 && c < overlap);
        CaseResult::new(
            format!("1_{number}"),
            1,
            prediction.view(),
            truth.view(),
            None,
        )
    }

    #[test]
    fn showcase_takes_both_ends_and_the_middle_without_repeats() {
        let results: Vec<CaseResult> = (0..=8).map(|n| result(n, n as usize)).collect();

        let Showcase {
            best,
            median,
            worst,
        } = Showcase::pick(&results, 2);

        let names = |ids: &[CaseId]| ids.iter().map(ToString::to_string).collect::<Vec<_>>();
        assert_eq!(names(&best), ["1_8", "1_7"]);
        assert_eq!(names(&median), ["1_5", "1_4"]);
        assert_eq!(names(&worst), ["1_0", "1_1"]);
    }

    #[test]
    fn a_single_case_is_shown_once() {
        let Showcase {
            best,
            median,
            worst,
        } = Showcase::pick(&[result(1, 5)], 3);

        assert_eq!((best.len(), median.len(), worst.len()), (1, 0, 0));
    }
}
