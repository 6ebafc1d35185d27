//! `nerveseg audit`.

use std::path::PathBuf;

use anyhow::Result;
use nerveseg_data::Dataset;
use nerveseg_data::audit::{AuditOptions, AuditReport, Finding, LabelAgreement, audit_scan};

use crate::outcome::Outcome;
use crate::outputs::{Overwrite, OverwriteArg};
use crate::{inputs, memory, outputs, ui};

/// Look for everything that spoils training: broken files, odd masks, contradictory duplicates.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Example:\n  nerveseg audit uns --out audit\n  nerveseg train --data uns --exclude audit/exclude.txt --out run\n\nExits with 1 if a file is broken."
)]
pub(crate) struct AuditArgs {
    /// Folder in the layout of UNS.
    #[arg(value_name = "DIR")]
    data: PathBuf,
    /// Print the whole report as JSON.
    #[arg(long)]
    json: bool,
    /// Folder for `audit.html`, `audit.json` and `exclude.txt`.
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    #[command(flatten)]
    overwrite: OverwriteArg,
}

/// What is written to the folder.
const FILES: [&str; 3] = ["audit.html", "audit.json", "exclude.txt"];

pub(crate) fn run(args: &AuditArgs) -> Result<Outcome> {
    memory::keep_freed();
    let overwrite = Overwrite::from(args.overwrite);
    overwrite.check_in(args.out.as_deref(), &FILES)?;
    let scan = Dataset::scan_with(&args.data, inputs::reader()?)
        .map_err(|error| inputs::with_layout(&args.data, error))?;
    let total = scan.dataset.cases().len() + scan.dataset.test_frames().len();
    let report = ui::with_bar("auditing", total, |progress| {
        audit_scan(&scan, &AuditOptions::default(), progress)
    });
    inputs::say_frames(&scan.dataset);
    if let Some(out) = &args.out {
        outputs::make_folder(out)?;
        let write = |file: &str, text: &str| overwrite.write(&out.join(file), text.as_bytes());
        write("audit.html", &report.to_html())?;
        write("audit.json", &report.to_json())?;
        write("exclude.txt", &report.exclude.to_string())?;
        ui::say(&format!("report: {}", out.join("audit.html").display()));
    }
    ui::print(&if args.json {
        report.to_json()
    } else {
        summary(&report)
    })?;
    Ok(if report.has_errors() {
        Outcome::Failed
    } else {
        Outcome::Done
    })
}

/// Findings printed of each kind; the report files have all.
const SHOWN: usize = 3;

/// The audit in a screenful.
fn summary(report: &AuditReport) -> String {
    let s = &report.summary;
    let mut text = format!(
        "{}: {} frames of {} subjects, {} with a nerve, {} empty, {} without a mask\n\
         near-duplicate pairs: {} ({} contradict each other, in {} frames; {} across subjects)\n\
         errors: {}   warnings: {}   notes: {}   on the exclusion list: {}\n",
        report.root.display(),
        s.cases,
        s.subjects,
        s.positives,
        s.empties,
        s.unlabelled,
        s.near_duplicate_pairs,
        s.contradictory_pairs,
        s.contradictory_frames,
        s.cross_subject_pairs,
        s.errors,
        s.warnings,
        s.notes,
        s.excluded,
    );
    for row in &report.sites {
        text += &format!(
            "site {}: {} subjects, {} frames with a nerve, {} empty\n",
            row.site, row.subjects, row.positives, row.empties
        );
    }
    text += &agreement(&s.agreement);
    for group in &report.linked_subjects {
        text += &format!(
            "subjects {group:?} share pictures and are probably one person: keep them together\n"
        );
    }
    for kind in report.findings.chunk_by(|a, b| a.kind == b.kind) {
        let first = &kind[0];
        text += &format!(
            "\n{} ({}): {}\n",
            first.kind.label(),
            kind.len(),
            first.kind.advice()
        );
        for finding in kind.iter().take(SHOWN) {
            text += &format!(
                "  {}: {}{}\n",
                first.severity.label(),
                place(finding),
                finding.message
            );
        }
        if kind.len() > SHOWN {
            text += &format!("  and {} more\n", kind.len() - SHOWN);
        }
    }
    text
}

/// What near-duplicates say about the labels; nothing where there are none.
fn agreement(labels: &LabelAgreement) -> String {
    let percent = |share: f64| format!("{:.0} %", 100.0 * share);
    let mut text = String::new();
    if let Some(dice) = labels.outline_dice {
        text += &format!(
            "outlines of a frame and of the one most like it: Dice {dice:.3} ({} frames)\n",
            labels.positives
        );
    }
    if let (Some(nerve), Some(empty)) = (labels.nerve_agrees, labels.empty_agrees) {
        text += &format!(
            "presence in a frame and in the one most like it: the same for {} of {} frames with a \
             nerve and {} of {} empty ones\n",
            percent(nerve),
            labels.positives,
            percent(empty),
            labels.empties
        );
    }
    text
}

/// The file or case of a finding about one; messages about several name them themselves.
fn place(finding: &Finding) -> String {
    match (&finding.paths[..], &finding.case_ids[..]) {
        ([path], _) => format!("{}: ", path.display()),
        ([], [case_id]) => format!("{case_id}: "),
        _ => String::new(),
    }
}
