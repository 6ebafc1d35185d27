//! Checks of masks that need more than the mask itself: the rest of the set, or the mask table.

use std::collections::BTreeMap;
use std::path::Path;

use super::dice::dice;
use super::inspect::Inspected;
use super::tables::{area_fraction, median_area_fraction};
use super::{AuditOptions, Finding, FindingKind};
use crate::dataset::{MaskRows, read_mask_rows};
use crate::mask::RowRuns;
use crate::{CaseEntry, CaseId, DataError, MaskSource, MaskSurvey};

/// Fewer masks than this say nothing about what is usual.
const ENOUGH_MASKS: usize = 5;

/// Masks far smaller or larger than is usual in the set.
pub(super) fn odd_areas(cases: &[Inspected], options: &AuditOptions) -> Vec<Finding> {
    let areas: Vec<(CaseId, f64)> = cases
        .iter()
        .filter_map(|case| Some((case.case_id, area_fraction(case)?)))
        .collect();
    let Some(median) = median_area_fraction(cases).filter(|_| areas.len() >= ENOUGH_MASKS) else {
        return Vec::new();
    };
    areas
        .into_iter()
        .filter_map(|(case_id, area)| {
            let ratio = area / median;
            let (kind, expected) = if ratio < options.tiny_area_ratio {
                (
                    FindingKind::TinyMask,
                    format!("at least {}", options.tiny_area_ratio),
                )
            } else if ratio > options.huge_area_ratio {
                (
                    FindingKind::HugeMask,
                    format!("at most {}", options.huge_area_ratio),
                )
            } else {
                return None;
            };
            let message = format!(
                "the mask covers {:.2} % of the frame, {ratio:.2} times the median of the set, \
                 expected {expected}",
                100.0 * area
            );
            Some(Finding::new(kind, vec![case_id], message))
        })
        .collect()
}

/// What is odd about the masks of the set as a whole, and which of them cover over half.
pub(super) fn survey(cases: &[Inspected]) -> Vec<Finding> {
    let mut survey = MaskSurvey::default();
    for case in cases {
        if case.mask.is_some() {
            let share = area_fraction(case).unwrap_or(0.0);
            survey.add(case.case_id, share, case.mask_values);
        }
    }
    let of_set = |kind, message: String| Finding::new(kind, Vec::new(), message);
    let mut findings: Vec<Finding> = survey
        .notes()
        .into_iter()
        .map(|note| of_set(FindingKind::MaskValues, note))
        .collect();
    if let Some(values) = survey.different_values() {
        let message = format!("the nerve has different values: {values}");
        findings.push(of_set(FindingKind::DifferentMaskValues, message));
    }
    if survey.has_no_nerve() {
        let message = format!("no nerve in any of {} masks", survey.masks);
        findings.push(of_set(FindingKind::NothingToLearn, message));
    }
    if survey.is_all_nerve() {
        let message = format!("all of the frame is nerve in {} masks", survey.masks);
        findings.push(of_set(FindingKind::NothingToLearn, message));
    }
    findings.extend(survey.over_half.into_iter().map(|(case_id, share)| {
        let message = format!("the mask covers {:.1} % of the frame", 100.0 * share);
        Finding::new(FindingKind::MaskOverHalf, vec![case_id], message)
    }));
    findings
}

/// Compares mask files with `train_masks.csv`, where the set has both.
///
/// A scan uses the file and forgets the row, so the table is read again here.
pub(super) fn table_disagreements(
    root: &Path,
    entries: &[CaseEntry],
    cases: &[Inspected],
) -> Vec<Finding> {
    let Some(table) = [root.join("train"), root.to_owned()]
        .into_iter()
        .map(|folder| folder.join("train_masks.csv"))
        .find(|path| path.is_file())
    else {
        return Vec::new();
    };
    // what is malformed in it is among the defects of the scan
    let MaskRows { rows, .. } = read_mask_rows(&table);
    let files: BTreeMap<CaseId, &Path> = entries
        .iter()
        .filter_map(|entry| match &entry.mask {
            MaskSource::File(path) => Some((entry.case_id, path.as_path())),
            _ => None,
        })
        .collect();
    cases
        .iter()
        .filter_map(|case| {
            let path = *files.get(&case.case_id)?;
            let row = rows.get(&case.case_id)?;
            let mask = case.mask.as_ref()?;
            let mut finding = match row.runs.to_mask(case.size) {
                Ok(listed) => {
                    let listed = RowRuns::new(listed.view());
                    if listed == *mask {
                        return None;
                    }
                    let message = format!(
                        "the file holds {} px, line {} of the table {} px, Dice {:.3}",
                        mask.area(),
                        row.line,
                        listed.area(),
                        dice(mask, &listed)
                    );
                    Finding::new(FindingKind::MaskTableDisagrees, vec![case.case_id], message)
                }
                Err(source) => Finding::from_error(
                    Some(case.case_id),
                    &DataError::CsvRuns {
                        path: table.clone(),
                        line: row.line,
                        case_id: case.case_id,
                        source,
                    },
                ),
            };
            finding.paths = vec![path.to_owned(), table.clone()];
            Some(finding)
        })
        .collect()
}
