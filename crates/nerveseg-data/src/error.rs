//! Everything that can go wrong between a folder and a case.

use std::path::PathBuf;

use crate::{CaseId, RleError};

/// Shorthand for results of this crate.
pub type Result<T, E = DataError> = std::result::Result<T, E>;

/// Everything that can go wrong while indexing, reading, splitting or writing a dataset.
///
/// Messages are lower-case, name the file and what was expected, and never repeat their `source`.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DataError {
    /// The file cannot be read at all.
    #[error("cannot read `{}`", path.display())]
    ReadFile {
        /// Offending file.
        path: PathBuf,
        /// Reason given by the system.
        #[source]
        source: std::io::Error,
    },
    /// The folder is missing or cannot be listed.
    #[error("cannot list folder `{}`", path.display())]
    ReadFolder {
        /// Offending folder.
        path: PathBuf,
        /// Reason given by the system.
        #[source]
        source: std::io::Error,
    },
    /// The file cannot be written; nothing is left behind.
    #[error("cannot write `{}`", path.display())]
    WriteFile {
        /// Target file.
        path: PathBuf,
        /// Reason given by the system or the encoder.
        #[source]
        source: std::io::Error,
    },

    /// The folder holds no file with a UNS name.
    #[error(
        "folder `{}` holds no UNS files: expected `S_N.tif` with `S_N_mask.tif`, or `N.tif` \
         (also .{}), there or in `train/` and `test/`",
        path.display(),
        extensions.join(", .")
    )]
    NoUnsFiles {
        /// Offending folder.
        path: PathBuf,
        /// Extensions that select images.
        extensions: Vec<&'static str>,
    },
    /// The extension says image but the name is not one of the layout.
    #[error("name of `{}` is not `S_N.EXT`, `S_N_mask.EXT` or `N.EXT`", path.display())]
    BadName {
        /// Offending file.
        path: PathBuf,
    },
    /// Two files claim to be the same image or the same mask.
    #[error("case `{case_id}` has two files: `{}` and `{}`", first.display(), second.display())]
    DuplicateFile {
        /// Case both files belong to.
        case_id: CaseId,
        /// File that comes first by name.
        first: PathBuf,
        /// File that comes second by name.
        second: PathBuf,
    },
    /// A training image has neither a mask file nor a row in `train_masks.csv`.
    #[error(
        "image `{}` has no mask: expected `{case_id}_mask.EXT` beside it or a row in \
         `train_masks.csv`",
        path.display()
    )]
    OrphanImage {
        /// Case the image belongs to.
        case_id: CaseId,
        /// Image without a mask.
        path: PathBuf,
    },
    /// A mask file has no image.
    #[error("mask `{}` has no image: expected `{case_id}.EXT` beside it", path.display())]
    OrphanMask {
        /// Case the mask belongs to.
        case_id: CaseId,
        /// Mask without an image.
        path: PathBuf,
    },

    /// The file is larger than [`ReadLimits::max_file_bytes`](crate::ReadLimits).
    #[error("file `{}` has {bytes} bytes, the limit is {limit}", path.display())]
    FileTooLarge {
        /// Offending file.
        path: PathBuf,
        /// Size of the file.
        bytes: u64,
        /// Largest size allowed.
        limit: u64,
    },
    /// The image is larger than [`ReadLimits`](crate::ReadLimits) allows; no pixel was decoded.
    #[error(
        "image `{}` is {size:?} (height, width), the limit is {limit:?}",
        path.display()
    )]
    ImageTooLarge {
        /// Offending file.
        path: PathBuf,
        /// Image `[height, width]`, in pixels.
        size: [u32; 2],
        /// Largest `[height, width]` allowed, in pixels.
        limit: [u32; 2],
    },
    /// The image has more pixels than the limits allow.
    #[error(
        "image `{}` is {size:?} (height, width), the limit is {limit} pixels",
        path.display()
    )]
    TooManyPixels {
        /// Offending file.
        path: PathBuf,
        /// Image `[height, width]`, in pixels.
        size: [u32; 2],
        /// Most pixels allowed.
        limit: u64,
    },
    /// The image is zero pixels wide or high.
    #[error("image `{}` has no pixels", path.display())]
    EmptyImage {
        /// Offending file.
        path: PathBuf,
    },
    /// The first bytes are not those of a supported image format.
    #[error("`{}` is not an image that is read: expected {expected}", path.display())]
    NotAnImage {
        /// Offending file.
        path: PathBuf,
        /// Names of the formats that are read.
        expected: String,
    },
    /// The file has fewer frames than were asked for.
    #[error(
        "frame {index} of `{}` was asked for, but it has {count}, counted from 0",
        path.display()
    )]
    NoSuchFrame {
        /// Offending file.
        path: PathBuf,
        /// Frame that was asked for.
        index: u32,
        /// Frames in the file.
        count: u32,
    },
    /// The file has fewer regions of tissue than were asked for.
    #[error(
        "region {region} of `{}` was asked for, but it names {regions} of tissue, counted from 0",
        path.display()
    )]
    NoSuchRegion {
        /// Offending file.
        path: PathBuf,
        /// Region that was asked for.
        region: u32,
        /// Regions of tissue in the file; pictures name none.
        regions: u32,
    },
    /// The DICOM file is damaged, too large, or of a kind that is not read.
    #[error("cannot read DICOM `{}`", path.display())]
    ReadDicom {
        /// Offending file.
        path: PathBuf,
        /// Reason given by the reader.
        #[source]
        source: nerveseg_dicom::DicomError,
    },
    /// The process that decodes DICOM gave no frame.
    #[cfg(feature = "sandbox")]
    #[error("cannot read DICOM `{}`", path.display())]
    DicomChild {
        /// Offending file.
        path: PathBuf,
        /// What became of the process.
        #[source]
        source: nerveseg_dicom::sandbox::SandboxError,
    },
    /// The file says it is an image but is truncated or damaged.
    #[error("cannot decode image `{}`", path.display())]
    DecodeImage {
        /// Offending file.
        path: PathBuf,
        /// Reason given by the decoder.
        #[source]
        source: image::ImageError,
    },
    /// The image is sound, but its kind of pixel has no rule for becoming 8-bit grey.
    #[error(
        "image `{}` has {found} pixels, expected 1 to 16-bit grey, RGB(A) or palette",
        path.display()
    )]
    UnsupportedPixels {
        /// Offending file.
        path: PathBuf,
        /// Kind of pixel found.
        found: String,
    },
    /// The image may be sound, but nothing here can decode it, or surely decode it right.
    #[error("image `{}` is not read: {reason}", path.display())]
    NotRead {
        /// Offending file.
        path: PathBuf,
        /// What it is that is not read, and what to do.
        reason: String,
    },
    /// The file has more frames than the limits allow.
    #[error("image `{}` has more than {limit} frames", path.display())]
    TooManyFrames {
        /// Offending file.
        path: PathBuf,
        /// Most frames allowed.
        limit: u32,
    },
    /// A mask holds more than two values.
    #[error(
        "mask `{}` holds {count} values other than 0 and {white}, first {value} at row {row}, \
         column {column}; {distinct} values differ, expected two: edges are smooth or lossy, or \
         there are several labels, of which `nerveseg import` takes one",
        path.display()
    )]
    MaskNotBinary {
        /// Offending file.
        path: PathBuf,
        /// First such value, in reading order.
        value: u16,
        /// The brightest value that the file can hold.
        white: u16,
        /// Row of the first such value, from 0.
        row: u32,
        /// Column of the first such value, from 0.
        column: u32,
        /// How many such pixels there are.
        count: usize,
        /// How many different values there are, 0 and white among them.
        distinct: usize,
    },
    /// The file is an image, but what it holds cannot be a mask.
    #[error("mask `{}` holds {found}", path.display())]
    NotAMask {
        /// Offending file.
        path: PathBuf,
        /// What it holds, and the way out.
        found: String,
    },
    /// Image and mask of one case differ in size.
    #[error(
        "case `{case_id}`: image `{}` is {image:?} but mask `{}` is {mask:?} (height, width)",
        image_path.display(),
        mask_path.display()
    )]
    GeometryMismatch {
        /// Case both files belong to.
        case_id: CaseId,
        /// File of the image.
        image_path: PathBuf,
        /// File of the mask.
        mask_path: PathBuf,
        /// Image `[height, width]`, in pixels.
        image: [u32; 2],
        /// Mask `[height, width]`, in pixels.
        mask: [u32; 2],
    },

    /// The first line of `train_masks.csv` is not the known one.
    #[error("`{}` line 1: found `{found}`, expected `subject,img,pixels`", path.display())]
    CsvHeader {
        /// Offending file.
        path: PathBuf,
        /// First line found.
        found: String,
    },
    /// Rows of `train_masks.csv` have another separator than its header.
    #[error(
        "`{}` line {line}: fields are separated by {found:?}, expected {expected:?} as in line 1",
        path.display()
    )]
    CsvSeparator {
        /// Offending file.
        path: PathBuf,
        /// First such line, from 1.
        line: u64,
        /// Separator found.
        found: char,
        /// Separator of the header.
        expected: char,
    },
    /// A row of `train_masks.csv` is not two numbers and a run list.
    #[error("`{}` line {line}: {reason}", path.display())]
    CsvRow {
        /// Offending file.
        path: PathBuf,
        /// Line in the file, from 1.
        line: u64,
        /// What is wrong with it.
        reason: String,
    },
    /// The runs of one row are malformed or do not fit the image.
    #[error("`{}` line {line}: runs of case `{case_id}` are malformed", path.display())]
    CsvRuns {
        /// Offending file.
        path: PathBuf,
        /// Line in the file, from 1.
        line: u64,
        /// Case of the row.
        case_id: CaseId,
        /// Broken rule.
        #[source]
        source: RleError,
    },

    /// A case was asked for that the dataset does not hold.
    #[error("case `{case_id}` is not in the dataset `{}`", root.display())]
    UnknownCase {
        /// Case asked for.
        case_id: CaseId,
        /// Folder of the dataset.
        root: PathBuf,
    },

    /// `sites.json` is not the expected JSON.
    #[cfg(feature = "dataset")]
    #[error("cannot parse `{}`", path.display())]
    ParseSites {
        /// Offending file.
        path: PathBuf,
        /// Reason given by the parser.
        #[source]
        source: serde_json::Error,
    },
    /// `sites.json` breaks a rule.
    #[error("`{}`: {reason}", path.display())]
    BadSites {
        /// Offending file.
        path: PathBuf,
        /// Which rule, with the site and the number.
        reason: String,
    },

    /// The file of a split is not the expected JSON.
    #[cfg(feature = "dataset")]
    #[error("cannot parse split file `{}`", path.display())]
    ParseSplits {
        /// Offending file.
        path: PathBuf,
        /// Reason given by the parser.
        #[source]
        source: serde_json::Error,
    },
    /// The file of a split is from another version of the format.
    #[error(
        "split file `{}` has format version {found}, this program reads {expected}",
        path.display()
    )]
    SplitVersion {
        /// Offending file.
        path: PathBuf,
        /// Version found.
        found: u64,
        /// Version this program reads and writes.
        expected: u64,
    },
    /// A fold of a split file breaks a rule.
    #[error("split file `{}`, fold {fold}", path.display())]
    BadFold {
        /// Offending file.
        path: PathBuf,
        /// Index of the fold, from 0.
        fold: usize,
        /// Broken rule.
        #[source]
        source: Box<Self>,
    },
    /// A subject is named twice, so frames of one person would leak from one part into another.
    #[error("subject {subject_id} is in `{first}` and again in `{second}`; parts must not overlap")]
    SubjectOverlap {
        /// Person named twice.
        subject_id: u32,
        /// Part that names the subject first.
        first: &'static str,
        /// Part that names it again.
        second: &'static str,
    },
    /// Subjects were named that the dataset does not hold.
    #[error("there is no subject {}; the data has {}", list(subjects), list(known))]
    UnknownSubjects {
        /// Subjects that are not there.
        subjects: Vec<u32>,
        /// Those that are.
        known: Vec<u32>,
    },
    /// The dataset holds a subject that no part of the split names.
    #[error("subject {subject_id} of the dataset is in no part of the split")]
    SubjectNotSplit {
        /// Person left out.
        subject_id: u32,
    },
    /// The split names a subject that the dataset does not hold.
    #[error("subject {subject_id} of the split (`{part}`) is not in the dataset")]
    SubjectNotInDataset {
        /// Person without a case.
        subject_id: u32,
        /// Part that names the subject.
        part: &'static str,
    },
    /// There are too few subjects (or frames) for the parts asked for.
    #[error("cannot split {found} {unit} as asked: need at least {needed}")]
    TooFewToSplit {
        /// How many there are.
        found: usize,
        /// How many the request needs.
        needed: usize,
        /// What is split: subjects or frames.
        unit: &'static str,
    },
    /// A part of a split was asked for as a fraction outside `[0, 1)`.
    #[error("fraction {fraction} of a split part is not at least 0 and below 1")]
    BadFraction {
        /// Fraction asked for.
        fraction: f64,
    },
    /// The number of folds is not possible.
    #[error("{k} folds asked for, expected at least 3: one to test, one to watch, one to train on")]
    BadFoldCount {
        /// Folds asked for.
        k: usize,
    },

    /// A setting of a phantom set is out of range.
    #[error("phantom setting `{setting}` is {value}, expected {expected}")]
    PhantomSetting {
        /// Setting out of range.
        setting: &'static str,
        /// Its value.
        value: String,
        /// Range it must lie in.
        expected: &'static str,
    },
    /// Generated files would mix with what a folder already holds.
    #[error("folder `{}` is not empty; phantoms are written into a new or empty one", path.display())]
    FolderNotEmpty {
        /// Offending folder.
        path: PathBuf,
    },
}

/// `3, 7, 11`.
fn list(numbers: &[u32]) -> String {
    let numbers: Vec<String> = numbers.iter().map(u32::to_string).collect();
    numbers.join(", ")
}
