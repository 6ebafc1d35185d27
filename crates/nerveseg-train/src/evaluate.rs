//! A model on a set of cases: every score at the original size, with hard masks.

use nerveseg_data::{Case, CaseEntry};
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
