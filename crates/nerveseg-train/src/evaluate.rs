//! A model on a set of cases: every score at the original size, with hard masks.

use nerveseg_data::{Case, CaseEntry, Mask, RunLengths, rle};
use nerveseg_metrics::{BaselineMask, CaseResult, Evaluation, EvaluationOptions, MeanMask};
use nerveseg_model::{Segmentation, Segmenter};
use rayon::prelude::*;
use std::collections::{BTreeMap, BTreeSet};

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
    let mut mean = MeanMask::new();
    let mut results = Vec::with_capacity(entries.len());
    let mut truths = Vec::with_capacity(entries.len());
    for chunk in entries.chunks(CHUNK) {
        let cases: Vec<Case> = chunk
            .par_iter()
            .map(CaseEntry::load)
            .collect::<Result<_, _>>()?;
        let frames: Vec<_> = cases.iter().map(|case| &case.frame).collect();
        let segmentations = segmenter.segment_frames(&frames)?;
        for case in &cases {
            if let Some(subject_id) = case.case_id.subject_id {
                mean.add(subject_id, truth(case).view());
            }
        }
        let pairs = cases.par_iter().zip(&segmentations);
        results.par_extend(pairs.map(|(case, segmentation)| score_case(case, segmentation)));
        truths.par_extend(cases.par_iter().map(|case| StoredMask::new(truth(case))));
        progress(results.len());
    }
    let results = with_mean_masks(results, &truths, &mean);
    Ok(Scored {
        evaluation: Evaluation::from_results(&results, options),
        results,
    })
}

/// Scores of one case but for the mean-mask baseline, which only all cases together give.
fn score_case(case: &Case, segmentation: &Segmentation) -> CaseResult {
    let truth = truth(case).view();
    let presence = f64::from(segmentation.presence).clamp(0.0, 1.0);
    CaseResult::new(
        case.case_id.to_string(),
        case.case_id.subject_id.unwrap_or_default(),
        segmentation.mask.view(),
        truth,
        case.frame.spacing_mm,
    )
    .with_presence(presence)
    .with_probabilities(segmentation.probabilities.view(), truth)
}

fn truth(case: &Case) -> &Mask {
    case.mask.as_ref().expect("labelled entries have masks")
}

/// A true mask, kept small until the mean masks are known, so that no file is read twice.
struct StoredMask {
    runs: RunLengths,
    /// `[height, width]`, in pixels.
    size: [u32; 2],
}

impl StoredMask {
    fn new(mask: &Mask) -> Self {
        let (height, width) = mask.dim();
        Self {
            runs: rle::encode(mask.view()),
            size: [height as u32, width as u32],
        }
    }

    fn mask(&self) -> Mask {
        let mask = self.runs.to_mask(self.size);
        mask.expect("the runs were made from a mask of this size")
    }
}

/// Adds to each result how the mean mask of the other subjects would have done; with a single
/// subject there is none.
fn with_mean_masks(
    results: Vec<CaseResult>,
    truths: &[StoredMask],
    mean: &MeanMask,
) -> Vec<CaseResult> {
    let subjects: BTreeSet<u32> = results.iter().map(|result| result.subject_id).collect();
    let baseline = |subject_id| Some((subject_id, mean.without_subject(subject_id)?));
    let baselines: BTreeMap<u32, BaselineMask> =
        subjects.into_iter().filter_map(baseline).collect();
    let add = |(result, truth): (CaseResult, &StoredMask)| match baselines.get(&result.subject_id) {
        Some(mean) => {
            let size = truth.size.map(|side| side as usize);
            result.with_mean_mask(mean.resized(size).view(), truth.mask().view())
        }
        None => result,
    };
    results.into_par_iter().zip(truths).map(add).collect()
}
