//! The tables of the report.

use std::collections::BTreeMap;

use super::agreement::LabelAgreement;
use super::inspect::Inspected;
use super::pairs::IndexedPair;
use super::{
    AuditSummary, ExcludeList, Finding, FindingKind, InventoryRow, Severity, SiteRow, SubjectRow,
};
use crate::Sites;

/// One row per subject, test set first.
pub(super) fn subjects(
    cases: &[Inspected],
    pairs: &[IndexedPair],
    exclude: &ExcludeList,
) -> Vec<SubjectRow> {
    let mut rows: BTreeMap<Option<u32>, (SubjectRow, usize, u64)> = BTreeMap::new();
    for case in cases {
        let subject_id = case.case_id.subject_id;
        let (row, labelled, area) = rows.entry(subject_id).or_insert_with(|| {
            let row = SubjectRow {
                subject_id,
                frames: 0,
                positives: 0,
                positive_fraction: None,
                mean_area_px: None,
                near_duplicate_pairs: 0,
                contradictions: 0,
                excluded: 0,
            };
            (row, 0, 0)
        });
        row.frames += 1;
        row.excluded += usize::from(exclude.contains(case.case_id));
        if let Some(mask) = &case.mask {
            *labelled += 1;
            *area += mask.area();
            row.positives += usize::from(!mask.is_empty());
        }
    }
    for IndexedPair { pair, .. } in pairs {
        if pair.same_subject()
            && let Some((row, ..)) = rows.get_mut(&pair.first.subject_id)
        {
            row.near_duplicate_pairs += 1;
            row.contradictions += usize::from(pair.conflict.is_some());
        }
    }
    let ratio = |part: f64, whole: usize| (whole > 0).then(|| part / whole as f64);
    rows.into_values()
        .map(|(row, labelled, area)| SubjectRow {
            positive_fraction: ratio(row.positives as f64, labelled),
            mean_area_px: ratio(area as f64, row.positives),
            ..row
        })
        .collect()
}

/// One row per site, from the rows of the subjects; none where nothing is said of sites.
pub(super) fn sites(sites: &Sites, subjects: &[SubjectRow]) -> Vec<SiteRow> {
    if sites.is_trivial() {
        return Vec::new();
    }
    let people = || {
        subjects
            .iter()
            .filter_map(|row| Some((row.subject_id?, row)))
    };
    let present = sites.among(people().map(|(subject_id, _)| subject_id));
    present
        .into_iter()
        .map(|site| {
            let of_site = people().filter(|(subject_id, _)| site.subjects.contains(subject_id));
            let (frames, positives) = of_site.fold((0, 0), |(frames, positives), (_, row)| {
                (frames + row.frames, positives + row.positives)
            });
            SiteRow {
                site: site.name.to_owned(),
                subjects: site.subjects.len(),
                positives,
                empties: frames - positives,
            }
        })
        .collect()
}

/// Sizes and pixel kinds of the images, most frequent first.
pub(super) fn inventory(cases: &[Inspected]) -> Vec<InventoryRow> {
    let mut counts: BTreeMap<(&str, &str, [u32; 2]), usize> = BTreeMap::new();
    for case in cases {
        let stored_as = &case.stored_as;
        *counts
            .entry((&stored_as.format, &stored_as.pixels, case.size))
            .or_default() += 1;
    }
    let mut rows: Vec<InventoryRow> = counts
        .into_iter()
        .map(|((format, pixels, size), images)| InventoryRow {
            size,
            pixels: pixels.to_owned(),
            format: format.to_owned(),
            images,
        })
        .collect();
    rows.sort_by_key(|row| std::cmp::Reverse(row.images));
    rows
}

/// Notes about the set as a whole.
pub(super) fn notes(subjects: &[SubjectRow], inventory: &[InventoryRow]) -> Vec<Finding> {
    let mut notes = Vec::new();
    for row in subjects {
        if let (Some(subject_id), Some(_), 0) =
            (row.subject_id, row.positive_fraction, row.positives)
        {
            let message = format!("all {} masks of subject {subject_id} are empty", row.frames);
            notes.push(Finding::new(
                FindingKind::NoPositiveFrame,
                Vec::new(),
                message,
            ));
        }
    }
    let distinct = |values: Vec<String>| {
        let mut values = values;
        values.sort_unstable();
        values.dedup();
        (values.len() > 1).then(|| values.join(", "))
    };
    let sizes = inventory
        .iter()
        .map(|row| format!("{}x{}", row.size[1], row.size[0]));
    if let Some(sizes) = distinct(sizes.collect()) {
        let message = format!("images come as {sizes}");
        notes.push(Finding::new(FindingKind::MixedSizes, Vec::new(), message));
    }
    if let Some(pixels) = distinct(inventory.iter().map(|row| row.pixels.clone()).collect()) {
        let message = format!("images are stored as {pixels}");
        notes.push(Finding::new(FindingKind::MixedPixels, Vec::new(), message));
    }
    notes
}

/// The numbers in short.
pub(super) fn summary(
    cases: &[Inspected],
    pairs: &[IndexedPair],
    findings: &[Finding],
    exclude: &ExcludeList,
    subjects: &[SubjectRow],
) -> AuditSummary {
    let masks = || cases.iter().filter_map(|case| case.mask.as_ref());
    let positives = masks().filter(|mask| !mask.is_empty()).count();
    let count_pairs =
        |test: &dyn Fn(&IndexedPair) -> bool| pairs.iter().filter(|pair| test(pair)).count();
    let of_severity = |severity| {
        findings
            .iter()
            .filter(|finding| finding.severity == severity)
            .count()
    };
    let mut contradicted: Vec<usize> = pairs
        .iter()
        .filter(|indexed| indexed.pair.conflict.is_some())
        .flat_map(|indexed| indexed.frames)
        .collect();
    contradicted.sort_unstable();
    contradicted.dedup();
    AuditSummary {
        cases: cases.len(),
        unlabelled: cases.len() - masks().count(),
        subjects: subjects
            .iter()
            .filter(|row| row.subject_id.is_some())
            .count(),
        positives,
        empties: masks().count() - positives,
        median_area_fraction: median_area_fraction(cases),
        near_duplicate_pairs: pairs.len(),
        identical_pairs: count_pairs(&|indexed| indexed.pair.identical),
        cross_subject_pairs: count_pairs(&|indexed| !indexed.pair.same_subject()),
        contradictory_pairs: count_pairs(&|indexed| indexed.pair.conflict.is_some()),
        contradictory_frames: contradicted.len(),
        agreement: LabelAgreement::of(cases, pairs),
        excluded: exclude.len(),
        errors: of_severity(Severity::Error),
        warnings: of_severity(Severity::Warning),
        notes: of_severity(Severity::Info),
    }
}

/// Area of a mask over that of its frame; `None` without a nerve.
pub(super) fn area_fraction(case: &Inspected) -> Option<f64> {
    let mask = case.mask.as_ref().filter(|mask| !mask.is_empty())?;
    let [height, width] = case.size;
    Some(mask.area() as f64 / (f64::from(height) * f64::from(width)))
}

/// Median of the areas of all masks that are not empty.
pub(super) fn median_area_fraction(cases: &[Inspected]) -> Option<f64> {
    let mut areas: Vec<f64> = cases.iter().filter_map(area_fraction).collect();
    areas.sort_unstable_by(f64::total_cmp);
    let middle = areas.len() / 2;
    match areas.len() {
        0 => None,
        count if count % 2 == 0 => Some(f64::midpoint(areas[middle - 1], areas[middle])),
        _ => Some(areas[middle]),
    }
}
