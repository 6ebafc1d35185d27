//! What is wrong with a dataset, before weeks of training find out.
//!
//! [`audit`] reads every image and mask once and reports
//!
//! - files that cannot be read, have no partner, or do not fit together,
//! - frames that do not look like ultrasound ([`FrameFeatures`](crate::ultrasound::FrameFeatures)),
//! - odd masks: several pieces, holes, far smaller or larger than usual, touching the edge,
//! - mask files that disagree with `train_masks.csv`,
//! - near-duplicate frames whose labels contradict each other,
//! - pictures that occur under two subjects, so that a split by subject still leaks.
//!
//! Two frames are near-duplicates if their similarity reaches
//! [`AuditOptions::similarity_threshold`]. Near-duplicates **contradict** each other if one mask
//! is empty and the other is not, or if the two overlap by a Dice below
//! [`AuditOptions::contradiction_dice`]. [`AuditReport::exclude`] names frames to leave out so that
//! no contradiction is left; `docs/audit.md` gives the rule and the measurements behind the limits.
//!
//! # Examples
//!
//! ```no_run
//! use nerveseg_data::audit::{AuditOptions, audit};
//!
//! let report = audit("data/uns", &AuditOptions::default(), &|_| {})?;
//! std::fs::write("report.html", report.to_html())?;
//! std::fs::write("exclude.txt", report.exclude.to_string())?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod agreement;
mod conflicts;
mod descriptor;
mod dice;
mod duplicates;
mod exclude;
mod finding;
mod html;
mod inspect;
mod masks;
mod options;
mod pairs;
mod pictures;
mod report;
mod tables;
mod thumbnail;

use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};

use rayon::prelude::*;

use crate::{CaseEntry, Dataset, Progress, Result, Scan};

pub use agreement::LabelAgreement;
pub use conflicts::Conflict;
pub use exclude::{ExcludeList, ParseExcludeError};
pub use finding::{Finding, FindingKind, Severity};
pub use options::AuditOptions;
pub use report::{AuditReport, AuditSummary, FramePair, InventoryRow, SiteRow, SubjectRow};

/// Version of the JSON layout.
const FORMAT_VERSION: u32 = 1;

/// Audits a UNS folder; `progress` is called with the number of frames read so far.
///
/// # Errors
///
/// Only a folder that cannot be listed, or that holds no UNS file at all: everything else becomes
/// a finding.
pub fn audit(
    dir: impl AsRef<Path>,
    options: &AuditOptions,
    progress: Progress<'_>,
) -> Result<AuditReport> {
    Ok(audit_scan(&Dataset::scan(dir)?, options, progress))
}

/// Audits what a scan has listed already.
pub fn audit_scan(scan: &Scan, options: &AuditOptions, progress: Progress<'_>) -> AuditReport {
    let dataset = &scan.dataset;
    let entries: Vec<&CaseEntry> = dataset
        .test_frames()
        .iter()
        .chain(dataset.cases())
        .collect();
    let done = AtomicUsize::new(0);
    let inspected: Vec<_> = entries
        .par_iter()
        .map(|entry| {
            let inspected = inspect::inspect(entry, options);
            progress(done.fetch_add(1, Ordering::Relaxed) + 1);
            inspected
        })
        .collect();

    let mut findings: Vec<Finding> = scan
        .defects
        .iter()
        .map(|defect| Finding::from_error(None, defect))
        .collect();
    let mut cases = Vec::with_capacity(inspected.len());
    for outcome in inspected {
        match outcome {
            Ok(mut case) => {
                findings.append(&mut case.findings);
                cases.push(case);
            }
            Err(finding) => findings.push(finding),
        }
    }
    findings.extend(masks::survey(&cases));
    findings.extend(masks::odd_areas(&cases, options));
    findings.extend(masks::table_disagreements(
        dataset.root(),
        dataset.cases(),
        &cases,
    ));

    let pairs = pairs::near_duplicates(&cases, options);
    let (exclude, contradictory) = pairs::judge_contradictions(&cases, &pairs);
    findings.extend(contradictory);
    findings.extend(pairs::shared_pictures(&pairs));
    findings.extend(pairs::identical_frames(&pairs));

    let subjects = tables::subjects(&cases, &pairs, &exclude);
    let inventory = tables::inventory(&cases);
    findings.extend(tables::notes(&subjects, &inventory));
    findings.sort_by(|a, b| {
        (a.severity, a.kind, &a.case_ids, &a.paths).cmp(&(
            b.severity,
            b.kind,
            &b.case_ids,
            &b.paths,
        ))
    });
    let pictures = pictures::draw(
        dataset,
        &cases,
        &pairs,
        &findings,
        options.max_pictured_pairs,
    );
    AuditReport {
        format_version: FORMAT_VERSION,
        root: dataset.root().to_owned(),
        options: options.clone(),
        summary: tables::summary(&cases, &pairs, &findings, &exclude, &subjects),
        findings,
        sites: tables::sites(dataset.sites(), &subjects),
        subjects,
        inventory,
        linked_subjects: pairs::linked_subjects(&pairs),
        duplicates: pictures::most_alike(&pairs, options.max_listed_pairs, |pair| {
            pair.identical || !pair.same_subject()
        }),
        contradictions: pictures::most_alike(&pairs, options.max_listed_pairs, |pair| {
            pair.conflict.is_some()
        }),
        exclude,
        pictures,
    }
}
