//! Everything that can stop a training run or an evaluation.

use std::path::PathBuf;

use nerveseg_data::DataError;
use nerveseg_model::ModelError;

/// Shorthand for results of this crate.
pub type Result<T, E = TrainError> = std::result::Result<T, E>;

/// Everything that can stop a training run or an evaluation.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TrainError {
    /// The data cannot be read.
    #[error(transparent)]
    Data(#[from] DataError),
    /// The network or its file is at fault.
    #[error(transparent)]
    Model(#[from] ModelError),
    /// A setting is out of range.
    #[error("invalid training configuration: {0}")]
    InvalidConfig(String),
    /// A configuration file cannot be parsed.
    #[error("cannot parse configuration `{}`", path.display())]
    ParseConfig {
        /// The file.
        path: PathBuf,
        /// Reason given by the parser, with line and column.
        #[source]
        source: Box<toml::de::Error>,
    },
    /// A file of the run folder cannot be read or written.
    #[error("cannot access `{}`", path.display())]
    RunFile {
        /// The file.
        path: PathBuf,
        /// Reason given by the system.
        #[source]
        source: std::io::Error,
    },
    /// The run folder already holds a run.
    #[error("`{}` already holds a run; add `--resume` to go on with it or choose another folder", .0.display())]
    RunExists(PathBuf),
    /// There is nothing to resume.
    #[error("`{}` holds no checkpoint to resume from", .0.display())]
    NothingToResume(PathBuf),
    /// The run is resumed with other settings than it was started with.
    #[error("cannot resume `{}`: {}", run.display(), differences.join("; "))]
    ResumeMismatch {
        /// Folder of the run.
        run: PathBuf,
        /// What differs, each with both values.
        differences: Vec<String>,
    },
    /// The artifact that the settings name is not the one that was given.
    #[error(
        "the settings say that the run starts from {expected}, and {given} was given; give it with `--init`"
    )]
    AncestorMissing {
        /// What the settings say.
        expected: String,
        /// What was given.
        given: String,
    },
    /// A run cannot start from this artifact.
    #[error("cannot start from `{name}`: {}", problems.join("; "))]
    AncestorMismatch {
        /// What the artifact is called.
        name: String,
        /// Settings and tensors that do not fit, each with both values.
        problems: Vec<String>,
    },
    /// Another process works in the run folder.
    #[error("`{}` is in use: {holder} works there; wait for it, or choose another folder", run.display())]
    RunInUse {
        /// The folder.
        run: PathBuf,
        /// Who has it.
        holder: String,
    },
    /// The checkpoint is damaged.
    #[error("checkpoint `{}` is damaged: {problem}", path.display())]
    DamagedCheckpoint {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        problem: String,
    },
    /// A part of the split has no case.
    #[error("the {part} part of the split has no cases; {hint}")]
    EmptyPart {
        /// `train`, `validation`, `evaluation` or `comparison`.
        part: &'static str,
        /// What to do about it.
        hint: &'static str,
    },
    /// The labels of the training part say nothing.
    #[error(
        "none of the {frames} training frames of `{}` {finding}: there is nothing to learn; look at \
         the masks (`nerveseg audit` names odd ones) or at who is in the training part",
        root.display()
    )]
    NothingToLearn {
        /// Folder of the data.
        root: PathBuf,
        /// Frames of the training part.
        frames: usize,
        /// What none of them does.
        finding: &'static str,
    },
    /// The score that decides on the best epoch cannot be computed.
    #[error(
        "none of the {frames} validation frames of `{}` shows a nerve: early stopping on \
         `val_dice_positive` has nothing to watch; put somebody with a nerve into the validation \
         part, or set `early_stop.metric` to `val_dice_mean` or `latest`",
        root.display()
    )]
    NothingToWatch {
        /// Folder of the data.
        root: PathBuf,
        /// Frames of the validation part.
        frames: usize,
    },
    /// A person is in two parts of the split.
    #[error(
        "subjects {subjects:?} are in more than one part of the split: scores would be worthless"
    )]
    SubjectOverlap {
        /// Those in more than one part.
        subjects: Vec<u32>,
    },
    /// The loss became NaN or infinite.
    #[error(
        "the loss became {loss} at epoch {epoch}, step {step}; lower `learning_rate` (now {learning_rate})"
    )]
    LossNotFinite {
        /// The loss.
        loss: f32,
        /// Epoch, from 1.
        epoch: u32,
        /// Step within the epoch, from 1.
        step: usize,
        /// Learning rate of that step.
        learning_rate: f64,
    },
    /// One batch could not be learned by heart.
    #[error(
        "overfitting one batch failed: loss went from {first} to {last} in {steps} steps, positive-frame Dice is {dice:.3}; the network cannot learn this data with these settings"
    )]
    OverfitFailed {
        /// Loss of the first step.
        first: f32,
        /// Loss of the last step.
        last: f32,
        /// Steps taken.
        steps: usize,
        /// Positive-frame Dice on the batch at the end.
        dice: f64,
    },
    /// A report cannot be rendered.
    #[error("cannot render the report")]
    Report(#[from] askama::Error),
    /// A picture for the report cannot be encoded.
    #[error("cannot encode a picture for the report")]
    Picture(#[from] image::ImageError),
    /// A curve cannot be drawn.
    #[error("cannot draw the curves: {0}")]
    Curves(String),
}
