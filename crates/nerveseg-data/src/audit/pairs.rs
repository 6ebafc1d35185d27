//! Pairs of near-duplicate frames with what their labels say about each other.

use std::collections::BTreeMap;

use ndarray::Array2;

use super::conflicts::{Conflict, Voter, frames_to_drop, groups};
use super::dice::dice;
use super::duplicates::collect_matches;
use super::inspect::Inspected;
use super::{AuditOptions, ExcludeList, Finding, FindingKind, FramePair};
use crate::CaseId;
use crate::mask::RowRuns;
use crate::ultrasound::cells::LENGTH;

/// Most case ids that one finding spells out in its message.
const SPELLED_OUT: usize = 8;

/// A near-duplicate pair by position of its frames.
#[derive(Clone, Copy, Debug)]
pub(super) struct IndexedPair {
    pub frames: [usize; 2],
    pub pair: FramePair,
}

/// All near-duplicate pairs, in natural order.
pub(super) fn near_duplicates(cases: &[Inspected], options: &AuditOptions) -> Vec<IndexedPair> {
    let mut descriptors = Array2::zeros((cases.len(), LENGTH));
    for (mut row, case) in descriptors.rows_mut().into_iter().zip(cases) {
        row.assign(&ndarray::ArrayView1::from(&case.descriptor));
    }
    collect_matches(descriptors.view(), options.similarity_threshold, |found| {
        let [a, b] = [&cases[found.first], &cases[found.second]];
        let dice = mask_dice(a, b);
        IndexedPair {
            frames: [found.first, found.second],
            pair: FramePair {
                first: a.case_id,
                second: b.case_id,
                similarity: found.similarity,
                dice,
                identical: a.pixel_hash == b.pixel_hash,
                conflict: conflict(a, b, dice, options.contradiction_dice),
            },
        }
    })
}

fn mask_dice(a: &Inspected, b: &Inspected) -> Option<f64> {
    let (a, b) = (a.mask.as_ref()?, b.mask.as_ref()?);
    if a.is_empty() != b.is_empty() {
        return Some(0.0);
    }
    (a.size == b.size).then(|| dice(a, b))
}

fn conflict(a: &Inspected, b: &Inspected, dice: Option<f64>, bound: f64) -> Option<Conflict> {
    let (mask_a, mask_b) = (a.mask.as_ref()?, b.mask.as_ref()?);
    if mask_a.is_empty() != mask_b.is_empty() {
        return Some(Conflict::Presence);
    }
    (dice? < bound).then_some(Conflict::Outline)
}

/// What to leave out so that no contradiction is left, and one finding per cluster of frames.
pub(super) fn judge_contradictions(
    cases: &[Inspected],
    pairs: &[IndexedPair],
) -> (ExcludeList, Vec<Finding>) {
    let mut voters: Vec<Voter> = cases
        .iter()
        .map(|case| Voter {
            agreeing: 0,
            empty: case.mask.as_ref().is_some_and(RowRuns::is_empty),
        })
        .collect();
    let mut contradictions = Vec::new();
    let mut worst_opponent: BTreeMap<usize, IndexedPair> = BTreeMap::new();
    for indexed in pairs {
        let [a, b] = indexed.frames;
        if indexed.pair.conflict.is_some() {
            contradictions.push((a, b));
            for frame in [a, b] {
                let worst = worst_opponent.entry(frame).or_insert(*indexed);
                if indexed.pair.similarity > worst.pair.similarity {
                    *worst = *indexed;
                }
            }
        } else if indexed.pair.dice.is_some() {
            voters[a].agreeing += 1;
            voters[b].agreeing += 1;
        }
    }
    let mut exclude = ExcludeList::default();
    for frame in frames_to_drop(&contradictions, &voters) {
        let worst = worst_opponent[&frame].pair;
        let case_id = cases[frame].case_id;
        let opponent = if worst.first == case_id {
            worst.second
        } else {
            worst.first
        };
        let how = worst.conflict.map_or("", Conflict::label);
        let similarity = worst.similarity;
        exclude.insert(
            case_id,
            &format!("contradicts {opponent}: {how}, similarity {similarity:.3}"),
        );
    }
    let findings = groups(contradictions)
        .into_iter()
        .map(|cluster| cluster_finding(cases, &cluster, &exclude))
        .collect();
    (exclude, findings)
}

fn cluster_finding(cases: &[Inspected], cluster: &[usize], exclude: &ExcludeList) -> Finding {
    let case_ids: Vec<CaseId> = cluster.iter().map(|&frame| cases[frame].case_id).collect();
    let empty = cluster
        .iter()
        .filter(|&&frame| cases[frame].mask.as_ref().is_some_and(RowRuns::is_empty))
        .count();
    let dropped: Vec<CaseId> = case_ids
        .iter()
        .copied()
        .filter(|&case_id| exclude.contains(case_id))
        .collect();
    let how = if empty == 0 {
        "with outlines that hardly overlap".to_owned()
    } else {
        format!(
            "{empty} with an empty mask, {} with a nerve",
            cluster.len() - empty
        )
    };
    let message = format!(
        "{} frames of nearly the same picture, {how}; on the exclusion list: {}",
        cluster.len(),
        spell_out(&dropped)
    );
    Finding::new(FindingKind::ContradictoryLabels, case_ids, message)
}

/// One finding for every two subjects (or subject and test set) that share a picture.
pub(super) fn shared_pictures(pairs: &[IndexedPair]) -> Vec<Finding> {
    let mut shared: BTreeMap<[Option<u32>; 2], Vec<&FramePair>> = BTreeMap::new();
    for IndexedPair { pair, .. } in pairs {
        if !pair.same_subject() {
            let mut key = [pair.first.subject_id, pair.second.subject_id];
            key.sort_unstable();
            shared.entry(key).or_default().push(pair);
        }
    }
    shared
        .into_iter()
        .map(|(subjects, pairs)| {
            let [a, b] = subjects.map(|subject| {
                subject.map_or_else(|| "the test set".to_owned(), |id| format!("subject {id}"))
            });
            let identical = pairs.iter().filter(|pair| pair.identical).count();
            let most_alike = pairs
                .iter()
                .max_by(|a, b| a.similarity.total_cmp(&b.similarity))
                .map_or_else(String::new, |pair| {
                    format!("{} and {}", pair.first, pair.second)
                });
            let mut case_ids: Vec<CaseId> = pairs
                .iter()
                .flat_map(|pair| [pair.first, pair.second])
                .collect();
            case_ids.sort_unstable();
            case_ids.dedup();
            let message = format!(
                "{a} and {b} share {} near-duplicate pairs, {identical} of them identical pixel \
                 by pixel; most alike: {most_alike}",
                pairs.len()
            );
            Finding::new(FindingKind::SharedBetweenSubjects, case_ids, message)
        })
        .collect()
}

/// One finding for every set of frames of one subject that are the same pixel by pixel.
pub(super) fn identical_frames(pairs: &[IndexedPair]) -> Vec<Finding> {
    let identical = pairs
        .iter()
        .map(|indexed| &indexed.pair)
        .filter(|pair| pair.identical && pair.same_subject())
        .map(|pair| (pair.first, pair.second));
    groups(identical)
        .into_iter()
        .map(|case_ids| {
            let message = format!("the same picture: {}", spell_out(&case_ids));
            Finding::new(FindingKind::IdenticalFrames, case_ids, message)
        })
        .collect()
}

/// Subjects that hang together through shared pictures.
pub(super) fn linked_subjects(pairs: &[IndexedPair]) -> Vec<Vec<u32>> {
    groups(pairs.iter().filter_map(|IndexedPair { pair, .. }| {
        let subjects = (pair.first.subject_id?, pair.second.subject_id?);
        (subjects.0 != subjects.1).then_some(subjects)
    }))
}

fn spell_out(case_ids: &[CaseId]) -> String {
    let mut names: Vec<String> = case_ids
        .iter()
        .take(SPELLED_OUT)
        .map(ToString::to_string)
        .collect();
    if case_ids.len() > SPELLED_OUT {
        names.push(format!("and {} more", case_ids.len() - SPELLED_OUT));
    }
    names.join(", ")
}
