//! A model on a set of cases: every score at the original size, with hard masks.

use nerveseg_data::{Case, CaseEntry, Mask, RunLengths, Sites, rle};
use nerveseg_metrics::{
    BaselineMask, CaseResult, Evaluation, EvaluationOptions, MeanMask, SiteTable,
};
use nerveseg_model::Segmenter;
use rayon::prelude::*;
use std::collections::{BTreeMap, BTreeSet};

use crate::error::{Result, TrainError};
use crate::gated::{Found, Gated, truth};

/// Cases in memory at a time.
pub(crate) const CHUNK: usize = 32;

/// Scores of a model and the rows they are made of.
#[derive(Clone, Debug)]
pub struct Scored {
    /// The aggregates, with intervals and baselines.
    pub evaluation: Evaluation,
    /// One row a case, in the order of the entries.
    pub results: Vec<CaseResult>,
}

impl Scored {
    /// The same by site, with intervals made as those of all cases; nothing where the dataset names
    /// no sites.
    pub fn by_site(&self, sites: &Sites) -> SiteTable {
        let named = people_of(sites, &self.results);
        SiteTable::from_results(&self.results, &named, &self.evaluation.bootstrap)
    }
}

/// The people of these results by site; nothing where the dataset names no sites.
pub(crate) fn people_of<'a>(sites: &'a Sites, results: &[CaseResult]) -> Vec<(&'a str, Vec<u32>)> {
    if sites.is_trivial() {
        return Vec::new();
    }
    let people = sites.among(results.iter().map(|result| result.subject_id));
    let pair = people.into_iter().map(|site| (site.name, site.subjects));
    pair.collect()
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
    let gated = Gated::new(segmenter)?;
    let mut mean = MeanMask::new();
    let mut results = Vec::with_capacity(entries.len());
    let mut truths = Vec::with_capacity(entries.len());
    for chunk in entries.chunks(CHUNK) {
        let cases: Vec<Case> = chunk
            .par_iter()
            .map(CaseEntry::load)
            .collect::<Result<_, _>>()?;
        let found = gated.find(&cases)?;
        for case in &cases {
            if let Some(subject_id) = case.case_id.subject_id {
                mean.add(subject_id, truth(case).view());
            }
        }
        let pairs = cases.par_iter().zip(&found);
        results.par_extend(pairs.map(|(case, found)| score_case(case, found)));
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
fn score_case(case: &Case, found: &Found) -> CaseResult {
    let probabilities = found.open.probabilities.view();
    found
        .score(case)
        .with_probabilities(probabilities, truth(case).view())
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
