//! The report as one page that needs nothing else.

use std::path::Path;

use askama::Template;

use super::report::AuditReport;
use super::thumbnail::PairPicture;
use super::{Finding, FindingKind, FramePair, Severity};

/// Rows of one kind of finding on the page; the JSON has all.
const MAX_ROWS: usize = 100;
/// Case ids of one finding on the page; the JSON has all.
const MAX_CASE_IDS: usize = 16;

/// What the template draws.
#[derive(Debug, Template)]
#[template(path = "audit.html")]
struct Page<'a> {
    report: &'a AuditReport,
    root: String,
    verdict: Verdict,
    groups: Vec<Group<'a>>,
    galleries: Vec<Gallery<'a>>,
    linked: Vec<String>,
}

/// The one line that a hurried reader takes away.
#[derive(Clone, Copy, Debug)]
struct Verdict {
    severity: &'static str,
    text: &'static str,
}

/// Findings of one kind.
#[derive(Debug)]
struct Group<'a> {
    kind: FindingKind,
    severity: Severity,
    findings: &'a [Finding],
    left_out: usize,
}

/// Pairs side by side.
#[derive(Debug)]
struct Gallery<'a> {
    id: &'static str,
    title: &'static str,
    intro: &'static str,
    pairs: &'a [PairPicture],
    left_out: usize,
}

impl AuditReport {
    /// The report as one self-contained HTML page: no script, no request to anywhere.
    ///
    /// # Panics
    ///
    /// Never in practice: writing the template into a string cannot fail.
    pub fn to_html(&self) -> String {
        render(self)
    }
}

fn render(report: &AuditReport) -> String {
    let page = Page {
        report,
        root: report.root.display().to_string(),
        verdict: verdict(report),
        groups: groups(&report.findings),
        galleries: galleries(report),
        linked: report
            .linked_subjects
            .iter()
            .map(|group| {
                group
                    .iter()
                    .map(u32::to_string)
                    .collect::<Vec<_>>()
                    .join(", ")
            })
            .collect(),
    };
    page.render()
        .expect("writing a template into a string cannot fail")
}

fn verdict(report: &AuditReport) -> Verdict {
    let (severity, text) = match (report.summary.errors, report.summary.warnings) {
        (0, 0) => ("ok", "Nothing to object to"),
        (0, _) => ("warning", "Usable, with doubts"),
        _ => ("error", "Some cases cannot be used"),
    };
    Verdict { severity, text }
}

/// Findings by kind; they are sorted by severity and kind already.
fn groups(findings: &[Finding]) -> Vec<Group<'_>> {
    findings
        .chunk_by(|a, b| a.kind == b.kind)
        .map(|group| Group {
            kind: group[0].kind,
            severity: group[0].severity,
            findings: &group[..group.len().min(MAX_ROWS)],
            left_out: group.len().saturating_sub(MAX_ROWS),
        })
        .collect()
}

fn galleries(report: &AuditReport) -> Vec<Gallery<'_>> {
    let pictures = &report.pictures;
    let mut galleries = vec![
        Gallery {
            id: "contradictions",
            title: "Contradictory labels",
            intro: "Nearly the same picture, but one mask is empty and the other is not, or the \
                    two outlines hardly overlap.",
            pairs: &pictures.contradictions,
            left_out: report.summary.contradictory_pairs,
        },
        Gallery {
            id: "shared",
            title: "Same picture under two subjects",
            intro: "Frames of different people do not look this much alike. Keep these subjects \
                    in the same part of a split.",
            pairs: &pictures.shared,
            left_out: report.summary.cross_subject_pairs,
        },
    ];
    galleries.retain(|gallery| !gallery.pairs.is_empty());
    for gallery in &mut galleries {
        gallery.left_out -= gallery.pairs.len();
    }
    galleries
}

impl Finding {
    /// Files for the page, relative to the dataset, unless the message names them already.
    fn shown_paths(&self, root: &Path) -> Vec<String> {
        self.paths
            .iter()
            .filter(|path| !self.message.contains(&path.display().to_string()))
            .map(|path| {
                path.strip_prefix(root)
                    .unwrap_or(path)
                    .display()
                    .to_string()
            })
            .collect()
    }

    /// Case ids for the page, shortened.
    fn shown_case_ids(&self) -> String {
        let mut shown: Vec<String> = self
            .case_ids
            .iter()
            .take(MAX_CASE_IDS)
            .map(ToString::to_string)
            .collect();
        if self.case_ids.len() > MAX_CASE_IDS {
            shown.push(format!("and {} more", self.case_ids.len() - MAX_CASE_IDS));
        }
        shown.join(", ")
    }
}

impl FramePair {
    /// The pair in one line of text.
    fn caption(&self) -> String {
        let alike = if self.identical {
            "identical".to_owned()
        } else {
            format!("similarity {:.3}", self.similarity)
        };
        let mut parts = vec![alike];
        if let Some(dice) = self.dice {
            parts.push(format!("mask Dice {dice:.2}"));
        }
        parts.extend(self.conflict.map(|conflict| conflict.label().to_owned()));
        parts.join(" · ")
    }
}
