//! Which pairs are listed, and which are worth a picture.

use std::collections::BTreeMap;

use rayon::prelude::*;

use super::inspect::Inspected;
use super::pairs::IndexedPair;
use super::report::Pictures;
use super::thumbnail::{FramePicture, PairPicture};
use super::{Finding, FindingKind, FramePair};
use crate::{CaseId, Dataset};

/// The pairs that pass `test`, most alike first, at most `limit`.
pub(super) fn most_alike(
    pairs: &[IndexedPair],
    limit: usize,
    test: impl Fn(&FramePair) -> bool,
) -> Vec<FramePair> {
    let mut chosen: Vec<FramePair> = pairs
        .iter()
        .map(|indexed| indexed.pair)
        .filter(test)
        .collect();
    // stable, so equal similarities stay in natural order
    chosen.sort_by(|a, b| b.similarity.total_cmp(&a.similarity));
    chosen.truncate(limit);
    chosen
}

/// Draws the galleries, at most `limit` figures in each.
pub(super) fn draw(
    dataset: &Dataset,
    cases: &[Inspected],
    pairs: &[IndexedPair],
    findings: &[Finding],
    limit: usize,
) -> Pictures {
    let picture = |case_id| picture(dataset, cases, case_id);
    let gallery = |test: fn(&FramePair) -> bool| {
        spread_over_subjects(most_alike(pairs, usize::MAX, test), limit)
            .into_par_iter()
            .filter_map(|pair| {
                let frames = [picture(pair.first)?, picture(pair.second)?];
                Some(PairPicture { pair, frames })
            })
            .collect()
    };
    let odd = odd_cases(findings);
    Pictures {
        contradictions: gallery(|pair| pair.conflict.is_some()),
        shared: gallery(|pair| !pair.same_subject()),
        odd_total: odd.len(),
        odd: odd
            .into_iter()
            .take(limit)
            .filter_map(|(case_id, reason)| Some((picture(case_id)?, reason)))
            .collect(),
    }
}

/// Single frames worth a look, with the reasons.
fn odd_cases(findings: &[Finding]) -> BTreeMap<CaseId, String> {
    let mut reasons: BTreeMap<CaseId, String> = BTreeMap::new();
    for finding in findings {
        let is_odd = matches!(
            finding.kind,
            FindingKind::NotUltrasound
                | FindingKind::MaskTableDisagrees
                | FindingKind::SeveralComponents
                | FindingKind::Holes
                | FindingKind::TinyMask
                | FindingKind::HugeMask
        );
        if let (true, [case_id]) = (is_odd, finding.case_ids.as_slice()) {
            let reason = reasons.entry(*case_id).or_default();
            if !reason.is_empty() {
                reason.push_str("; ");
            }
            reason.push_str(&finding.message);
        }
    }
    reasons
}

/// At most `limit` pairs in turns: the most alike of every subject, then the second of each.
///
/// A pair that shows a frame again waits until all others had their turn.
fn spread_over_subjects(pairs: Vec<FramePair>, limit: usize) -> Vec<FramePair> {
    let mut uses_of_frame: BTreeMap<CaseId, usize> = BTreeMap::new();
    let mut pairs_so_far: BTreeMap<_, usize> = BTreeMap::new();
    let mut turns: Vec<_> = pairs
        .into_iter()
        .map(|pair| {
            let mut repeats = 0;
            for frame in [pair.first, pair.second] {
                let uses = uses_of_frame.entry(frame).or_default();
                repeats = repeats.max(*uses);
                *uses += 1;
            }
            let subjects = (pair.first.subject_id, pair.second.subject_id);
            let turn = pairs_so_far.entry((repeats, subjects)).or_default();
            *turn += 1;
            ((repeats, *turn), pair)
        })
        .collect();
    turns.sort_by_key(|&(turn, _)| turn);
    turns
        .into_iter()
        .map(|(_, pair)| pair)
        .take(limit)
        .collect()
}

fn picture(dataset: &Dataset, cases: &[Inspected], case_id: CaseId) -> Option<FramePicture> {
    let image = dataset.get(case_id)?.load_frame().ok()?.pixels;
    let case = cases.iter().find(|case| case.case_id == case_id)?;
    FramePicture::new(case_id, &image, case.mask.as_ref())
}
