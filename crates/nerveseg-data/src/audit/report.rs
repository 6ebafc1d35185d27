//! What the audit hands back.

use std::path::PathBuf;

use serde::Serialize;

use super::agreement::LabelAgreement;
use super::conflicts::Conflict;
use super::thumbnail::{FramePicture, PairPicture};
use super::{AuditOptions, ExcludeList, Finding, Severity};
use crate::CaseId;

/// Everything the audit of one dataset found.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct AuditReport {
    /// Version of this layout; grows when a field changes its meaning.
    pub format_version: u32,
    /// Folder audited.
    pub root: PathBuf,
    /// Limits used.
    pub options: AuditOptions,
    /// The numbers in short.
    pub summary: AuditSummary,
    /// What was noticed, worst first, then by kind and case.
    pub findings: Vec<Finding>,
    /// One row per subject, in ascending order.
    pub subjects: Vec<SubjectRow>,
    /// One row per site with a subject, in the order of `sites.json`; none without that file.
    pub sites: Vec<SiteRow>,
    /// Sizes and pixel kinds of the images, most frequent first.
    pub inventory: Vec<InventoryRow>,
    /// Subjects that share a picture, so that they are probably one person; keep each group in one
    /// part of a split.
    pub linked_subjects: Vec<Vec<u32>>,
    /// Pairs of identical frames, and of near-duplicate frames of different subjects, most alike
    /// first, at most [`AuditOptions::max_listed_pairs`]. Agreeing near-duplicates within a subject
    /// are usual in a sweep and only counted.
    pub duplicates: Vec<FramePair>,
    /// Pairs of near-duplicate frames with contradictory labels, most alike first, at most
    /// [`AuditOptions::max_listed_pairs`].
    pub contradictions: Vec<FramePair>,
    /// Cases that training had better leave out, with reasons.
    pub exclude: ExcludeList,
    /// Pictures for the HTML page.
    #[serde(skip)]
    pub(super) pictures: Pictures,
}

/// The numbers of an audit in short.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct AuditSummary {
    /// Cases whose image could be read, or at least was found.
    pub cases: usize,
    /// Cases without a mask, as in the test set.
    pub unlabelled: usize,
    /// Subjects.
    pub subjects: usize,
    /// Cases with a nerve in the mask.
    pub positives: usize,
    /// Cases with an empty mask.
    pub empties: usize,
    /// Median area of the masks that are not empty, as a fraction of the frame.
    pub median_area_fraction: Option<f64>,
    /// Pairs of near-duplicate frames, identical ones included.
    pub near_duplicate_pairs: usize,
    /// Pairs of frames that are the same pixel by pixel.
    pub identical_pairs: usize,
    /// Pairs of near-duplicate frames of different subjects.
    pub cross_subject_pairs: usize,
    /// Pairs of near-duplicate frames whose labels contradict each other.
    pub contradictory_pairs: usize,
    /// Frames in at least one contradictory pair.
    pub contradictory_frames: usize,
    /// How far labels of nearly the same picture agree.
    pub agreement: LabelAgreement,
    /// Cases on the exclusion list.
    pub excluded: usize,
    /// Findings that are errors.
    pub errors: usize,
    /// Findings that are warnings.
    pub warnings: usize,
    /// Findings that are only notes.
    pub notes: usize,
}

/// One subject in numbers.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct SubjectRow {
    /// Person scanned; `None` stands for all frames of the test set.
    pub subject_id: Option<u32>,
    /// Frames that could be read.
    pub frames: usize,
    /// Frames with a nerve in the mask.
    pub positives: usize,
    /// `positives` over the frames with a mask; `None` without any.
    pub positive_fraction: Option<f64>,
    /// Mean area of the masks that are not empty, in pixels.
    pub mean_area_px: Option<f64>,
    /// Pairs of near-duplicate frames within the subject.
    pub near_duplicate_pairs: usize,
    /// Pairs among them whose labels contradict each other.
    pub contradictions: usize,
    /// Frames of the subject on the exclusion list.
    pub excluded: usize,
}

/// One machine or hospital in numbers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SiteRow {
    /// Name of the site.
    pub site: String,
    /// Subjects with a frame that could be read.
    pub subjects: usize,
    /// Frames with a nerve in the mask.
    pub positives: usize,
    /// Frames with an empty mask.
    pub empties: usize,
}

/// How many images are of one size and one kind of pixel.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct InventoryRow {
    /// Image `[height, width]`, in pixels.
    pub size: [u32; 2],
    /// Kind of pixel, for example `8-bit grey`.
    pub pixels: String,
    /// Container, for example `TIFF`.
    pub format: String,
    /// Images of this kind.
    pub images: usize,
}

/// Two frames that show nearly the same picture; `first` comes before `second` in natural order.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct FramePair {
    /// First case.
    pub first: CaseId,
    /// Second case.
    pub second: CaseId,
    /// Normalised correlation of the descriptors, at most 1.
    pub similarity: f32,
    /// Dice of the two masks (two empty masks: 1); `None` if one has no mask or the sizes differ.
    pub dice: Option<f64>,
    /// Whether the frames are the same pixel by pixel.
    pub identical: bool,
    /// How the labels contradict each other, if they do.
    pub conflict: Option<Conflict>,
}

impl FramePair {
    /// Whether both frames are of one subject.
    pub fn same_subject(&self) -> bool {
        self.first.subject_id == self.second.subject_id
    }
}

/// Pictures shown on the HTML page.
#[derive(Clone, Debug, Default)]
pub(super) struct Pictures {
    pub contradictions: Vec<PairPicture>,
    pub shared: Vec<PairPicture>,
    /// Single frames with the reason why they are worth a look.
    pub odd: Vec<(FramePicture, String)>,
    /// How many such frames there are in all.
    pub odd_total: usize,
}

impl AuditReport {
    /// Whether something makes a case unusable; decides the exit code of the command.
    pub fn has_errors(&self) -> bool {
        self.findings
            .iter()
            .any(|finding| finding.severity == Severity::Error)
    }

    /// The report as pretty-printed JSON.
    ///
    /// # Panics
    ///
    /// Never in practice: every field is a number, a text or a list of them.
    pub fn to_json(&self) -> String {
        let mut json = serde_json::to_string_pretty(self)
            .expect("a report holds only numbers, texts and lists");
        json.push('\n');
        json
    }
}
