//! What the audit can find, how serious it is, and what to do about it.

use std::path::PathBuf;

use serde::Serialize;

use crate::{CaseId, DataError};

/// How much a finding matters, worst first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// The case cannot be used as it is; training would stop or skip it.
    Error,
    /// The case can be used, but what it teaches is doubtful.
    Warning,
    /// Worth knowing.
    Info,
}

impl Severity {
    /// What the report calls it.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
            Self::Info => "note",
        }
    }
}

/// Rule that a file, a frame or a subject breaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum FindingKind {
    /// A file cannot be read or decoded.
    UnreadableFile,
    /// An image of the training set has no mask.
    MissingMask,
    /// A mask has no image.
    MissingImage,
    /// Two files claim to be the same image or mask.
    AmbiguousFile,
    /// Image and mask differ in size.
    SizeMismatch,
    /// A file cannot be a mask: more than two values, colours, alpha, pages.
    MaskNotBinary,
    /// `train_masks.csv` cannot be read or is malformed.
    BadMaskTable,
    /// `sites.json` cannot be read or breaks a rule.
    BadSites,
    /// Mask file and `train_masks.csv` show different masks.
    MaskTableDisagrees,
    /// A name is not of the UNS layout.
    Misnamed,
    /// A frame does not look like an ultrasound scan of the neck.
    NotUltrasound,
    /// A file shows several views of tissue, of which one is taken.
    SeveralRegions,
    /// Near-duplicate frames have labels that contradict each other.
    ContradictoryLabels,
    /// Near-duplicate frames belong to different subjects.
    SharedBetweenSubjects,
    /// No mask of the set has a nerve in it, or none a pixel of background.
    NothingToLearn,
    /// A mask covers over half of the frame.
    MaskOverHalf,
    /// The masks do not agree on the value of the nerve.
    DifferentMaskValues,
    /// A mask has several components.
    SeveralComponents,
    /// A mask has holes.
    Holes,
    /// A mask is far smaller than is usual in the set.
    TinyMask,
    /// A mask is far larger than is usual in the set.
    HugeMask,
    /// A mask reaches the edge of the frame.
    TouchesBorder,
    /// Two frames of one subject are the same, pixel by pixel.
    IdenticalFrames,
    /// No frame of a subject shows a nerve.
    NoPositiveFrame,
    /// Masks were read by another rule than white on black.
    MaskValues,
    /// Images differ in size.
    MixedSizes,
    /// Images are stored as colour or with other than 8 bits.
    MixedPixels,
}

impl FindingKind {
    /// How much it matters.
    pub const fn severity(self) -> Severity {
        match self {
            Self::UnreadableFile
            | Self::MissingMask
            | Self::MissingImage
            | Self::AmbiguousFile
            | Self::SizeMismatch
            | Self::MaskNotBinary
            | Self::BadMaskTable
            | Self::BadSites
            | Self::MaskTableDisagrees => Severity::Error,
            Self::Misnamed
            | Self::NotUltrasound
            | Self::SeveralRegions
            | Self::ContradictoryLabels
            | Self::SharedBetweenSubjects
            | Self::NothingToLearn
            | Self::MaskOverHalf
            | Self::DifferentMaskValues
            | Self::SeveralComponents
            | Self::Holes
            | Self::TinyMask
            | Self::HugeMask => Severity::Warning,
            Self::TouchesBorder
            | Self::IdenticalFrames
            | Self::NoPositiveFrame
            | Self::MaskValues
            | Self::MixedSizes
            | Self::MixedPixels => Severity::Info,
        }
    }

    /// What the report calls it.
    pub const fn label(self) -> &'static str {
        match self {
            Self::UnreadableFile => "Unreadable file",
            Self::MissingMask => "Image without a mask",
            Self::MissingImage => "Mask without an image",
            Self::AmbiguousFile => "Two files for one case",
            Self::SizeMismatch => "Image and mask differ in size",
            Self::MaskNotBinary => "File that cannot be a mask",
            Self::BadMaskTable => "Malformed train_masks.csv",
            Self::BadSites => "Malformed sites.json",
            Self::MaskTableDisagrees => "Mask file and train_masks.csv disagree",
            Self::Misnamed => "Name outside the layout",
            Self::NotUltrasound => "Not like a scan of the neck",
            Self::SeveralRegions => "Several views on one screen",
            Self::ContradictoryLabels => "Contradictory labels",
            Self::SharedBetweenSubjects => "Same picture under two subjects",
            Self::NothingToLearn => "Masks without anything to learn",
            Self::MaskOverHalf => "Mask over half of the frame",
            Self::DifferentMaskValues => "Masks with different values for the nerve",
            Self::SeveralComponents => "Mask in several pieces",
            Self::Holes => "Mask with holes",
            Self::TinyMask => "Unusually small mask",
            Self::HugeMask => "Unusually large mask",
            Self::TouchesBorder => "Mask touches the edge",
            Self::IdenticalFrames => "Identical frames",
            Self::NoPositiveFrame => "Subject without a nerve",
            Self::MaskValues => "Masks that are not 0 and 255",
            Self::MixedSizes => "Images of several sizes",
            Self::MixedPixels => "Images of several pixel kinds",
        }
    }

    /// What to do about it, one sentence.
    pub const fn advice(self) -> &'static str {
        match self {
            Self::UnreadableFile => "Copy the file again from its source, or remove the case.",
            Self::MissingMask => "Add the mask; an all-black one says that there is no nerve.",
            Self::MissingImage => "Add the image or remove the mask.",
            Self::AmbiguousFile => "Keep one of the two.",
            Self::SizeMismatch => "Export the mask again at the size of the image.",
            Self::MaskNotBinary => "Export it again as 0 and 255, or do what the message says.",
            Self::BadMaskTable | Self::BadSites => "Fix or remove the file.",
            Self::MaskTableDisagrees => "Decide which one is right and remove the other.",
            Self::Misnamed => "Rename it to S_N.EXT or S_N_mask.EXT, or move it away.",
            Self::NotUltrasound => "Look at it; if it is no frame, remove it.",
            Self::SeveralRegions => "Cut the view that the mask belongs to out of the screen.",
            Self::ContradictoryLabels => {
                "Relabel one of them, or train without the frames on the exclusion list."
            }
            Self::SharedBetweenSubjects => {
                "Keep these subjects in the same part of a split: they are probably one person, \
                 and scores leak otherwise."
            }
            Self::NothingToLearn => {
                "Look at the masks: is the label in another channel, page, value or file?"
            }
            Self::MaskOverHalf => "Look at it: inverted, or is the label elsewhere in the file?",
            Self::DifferentMaskValues => {
                "If these are several structures, take one of them: `nerveseg import --label-value`."
            }
            Self::SeveralComponents | Self::Holes | Self::TinyMask | Self::HugeMask => {
                "Look at it: a slip of the pen, or real?"
            }
            Self::TouchesBorder => "Fine if the nerve leaves the frame.",
            Self::IdenticalFrames => "Harmless within a subject, but it counts twice.",
            Self::NoPositiveFrame => "Nothing to learn about outlines here, only about absence.",
            Self::MaskValues => "Fine if the background is what it is said to be.",
            Self::MixedSizes => "Fine; scores are taken at the original size of each frame.",
            Self::MixedPixels => "Fine; everything is converted to 8-bit grey by one rule.",
        }
    }
}

/// One thing the audit noticed.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Finding {
    /// How much it matters.
    pub severity: Severity,
    /// Rule that is broken.
    pub kind: FindingKind,
    /// Cases concerned, in natural order; empty if the file belongs to none.
    pub case_ids: Vec<CaseId>,
    /// Files concerned.
    pub paths: Vec<PathBuf>,
    /// What was found and what was expected.
    pub message: String,
}

impl Finding {
    /// A finding about cases, without a path.
    pub(super) fn new(kind: FindingKind, case_ids: Vec<CaseId>, message: String) -> Self {
        Self {
            severity: kind.severity(),
            kind,
            case_ids,
            paths: Vec::new(),
            message,
        }
    }

    /// A finding about one file of one case.
    pub(super) fn at(
        kind: FindingKind,
        case_id: CaseId,
        path: impl Into<PathBuf>,
        message: String,
    ) -> Self {
        Self {
            paths: vec![path.into()],
            ..Self::new(kind, vec![case_id], message)
        }
    }

    /// What a failed read says about a case.
    pub(super) fn from_error(case_id: Option<CaseId>, error: &DataError) -> Self {
        let (kind, own_case_id, paths) = classify(error);
        Self {
            paths,
            ..Self::new(
                kind,
                case_id.or(own_case_id).into_iter().collect(),
                chain(error),
            )
        }
    }
}

/// Kind, case and files of an error.
fn classify(error: &DataError) -> (FindingKind, Option<CaseId>, Vec<PathBuf>) {
    use FindingKind as Kind;
    match error {
        DataError::BadName { path } => (Kind::Misnamed, None, vec![path.clone()]),
        DataError::DuplicateFile {
            case_id,
            first,
            second,
        } => (
            Kind::AmbiguousFile,
            Some(*case_id),
            vec![first.clone(), second.clone()],
        ),
        DataError::OrphanImage { case_id, path } => {
            (Kind::MissingMask, Some(*case_id), vec![path.clone()])
        }
        DataError::OrphanMask { case_id, path } => {
            (Kind::MissingImage, Some(*case_id), vec![path.clone()])
        }
        DataError::MaskNotBinary { path, .. } | DataError::NotAMask { path, .. } => {
            (Kind::MaskNotBinary, None, vec![path.clone()])
        }
        DataError::GeometryMismatch {
            case_id,
            image_path,
            mask_path,
            ..
        } => (
            Kind::SizeMismatch,
            Some(*case_id),
            vec![image_path.clone(), mask_path.clone()],
        ),
        DataError::CsvHeader { path, .. }
        | DataError::CsvSeparator { path, .. }
        | DataError::CsvRow { path, .. } => (Kind::BadMaskTable, None, vec![path.clone()]),
        DataError::CsvRuns { path, case_id, .. } => {
            (Kind::BadMaskTable, Some(*case_id), vec![path.clone()])
        }
        DataError::ParseSites { path, .. } | DataError::BadSites { path, .. } => {
            (Kind::BadSites, None, vec![path.clone()])
        }
        DataError::ReadFile { path, .. }
        | DataError::FileTooLarge { path, .. }
        | DataError::ImageTooLarge { path, .. }
        | DataError::TooManyPixels { path, .. }
        | DataError::NotAnImage { path, .. }
        | DataError::DecodeImage { path, .. }
        | DataError::ReadDicom { path, .. }
        | DataError::UnsupportedPixels { path, .. } => {
            (Kind::UnreadableFile, None, vec![path.clone()])
        }
        #[cfg(feature = "sandbox")]
        DataError::DicomChild { path, .. } => (Kind::UnreadableFile, None, vec![path.clone()]),
        _ => (Kind::UnreadableFile, None, Vec::new()),
    }
}

/// The message of an error with those of its sources.
fn chain(error: &dyn std::error::Error) -> String {
    let mut message = error.to_string();
    let mut source = error.source();
    while let Some(error) = source {
        message.push_str(": ");
        message.push_str(&error.to_string());
        source = error.source();
    }
    message
}
