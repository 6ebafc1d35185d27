//! Two models on the same cases: which is better, and where they differ.

mod row;
mod sheet;

use nerveseg_data::{Case, CaseEntry, CaseId, Dataset};
use nerveseg_metrics::{CaseResult, Comparison, EvaluationOptions};
use nerveseg_model::Segmenter;
use rayon::prelude::*;

use crate::error::{Result, TrainError};
use crate::evaluate::{CHUNK, people_of};
use crate::gated::Gated;

pub use row::FrameRow;
pub use sheet::change_sheet;

/// Two models on the same cases, and the rows that their scores are made of.
#[derive(Clone, Debug)]
pub struct Paired {
    /// Differences of the scores, over all cases, by site and by person.
    pub comparison: Comparison,
    /// One row a case, in the order of the dataset.
    pub frames: Vec<FrameRow>,
}

/// Scores two models on the labelled cases of `dataset`, each at its own size and with its own
/// thresholds. Every file is read once.
///
/// # Errors
///
/// Fails without a case, on the first case that cannot be read and if the device fails.
pub fn compare(
    segmenters: [&Segmenter; 2],
    dataset: &Dataset,
    options: &EvaluationOptions,
    progress: &mut dyn FnMut(usize),
) -> Result<Paired> {
    if dataset.cases().is_empty() {
        let hint = "the folder needs images with masks, `S_N.tif` and `S_N_mask.tif`";
        return Err(TrainError::EmptyPart {
            part: "comparison",
            hint,
        });
    }
    let [a, b] = segmenters;
    let models = [Gated::new(a)?, Gated::new(b)?];
    let mut results: [Vec<CaseResult>; 2] = [Vec::new(), Vec::new()];
    for chunk in dataset.cases().chunks(CHUNK) {
        let cases: Vec<Case> = chunk
            .par_iter()
            .map(CaseEntry::load)
            .collect::<Result<_, _>>()?;
        for (model, results) in models.iter().zip(&mut results) {
            let found = model.find(&cases)?;
            let pairs = cases.par_iter().zip(&found);
            results.par_extend(pairs.map(|(case, found)| found.score(case)));
        }
        progress(results[0].len());
    }
    let [a, b] = &results;
    let sites = people_of(dataset.sites(), a);
    let site = |subject_id| (!sites.is_empty()).then(|| dataset.sites().of(subject_id).to_owned());
    Ok(Paired {
        comparison: Comparison::from_results([a, b], &sites, options),
        frames: a
            .iter()
            .zip(b)
            .map(|(a, b)| FrameRow::new(a, b, site(a.subject_id)))
            .collect(),
    })
}

impl Paired {
    /// Up to `count` cases whose Dice changed most, frames with a nerve and empty ones in turn, of each
    /// kind the greatest change first. An empty frame changes by all or nothing, so the two kinds cannot
    /// be in one order. Cases without a change are not among them.
    pub fn most_changed(&self, count: usize) -> Vec<CaseId> {
        let changed = |nerve: bool| {
            let rows = self.frames.iter().filter(|row| row.nerve == nerve);
            let mut rows: Vec<_> = rows.filter(|row| row.difference != 0.0).collect();
            rows.sort_by(|a, b| b.difference.abs().total_cmp(&a.difference.abs()));
            rows
        };
        let (nerves, empties) = (changed(true), changed(false));
        let in_turn = (0..self.frames.len()).flat_map(|rank| [nerves.get(rank), empties.get(rank)]);
        let ids = in_turn.flatten().filter_map(|row| row.case_id.parse().ok());
        ids.take(count).collect()
    }
}
