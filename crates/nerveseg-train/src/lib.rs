#![doc = include_str!("../README.md")]
#![expect(
    clippy::missing_panics_doc,
    reason = "every `expect` says why it cannot fail; a panic that a caller can cause is documented"
)]

mod augment;
mod batch;
pub mod calibrate;
pub mod compare;
mod config;
mod error;
mod evaluate;
mod gated;
mod loss;
mod number;
mod optim;
pub mod report;
mod run;
mod sample;

pub use config::TrainConfig;
pub use error::{Result, TrainError};
pub use evaluate::{Scored, evaluate};
pub use run::{
    Alarm, Ancestor, Ending, EpochRecord, FitInput, FitOutcome, Overfit, RunFolder, TrainEvent,
    check_same_run, fit, overfit_one_batch, write_json_lines,
};

/// The parts of [`TrainConfig`], one for each table of its file.
pub mod settings {
    pub use crate::augment::{AugmentConfig, Crops, Geometry, Grafts, Intensity, Styles, Windows};
    pub use crate::config::{InitConfig, InitSkip};
    pub use crate::loss::LossConfig;
    pub use crate::optim::{EarlyStopConfig, Metric, OneCycleConfig, PlateauConfig};
}

/// What one step of training is made of, for a loop of one's own and for measurements.
///
/// [`fit`] does all of this; nothing here writes a file.
pub mod step {
    pub use crate::batch::{Batch, DeviceBatch};
    pub use crate::loss::total_loss;
    pub use crate::optim::NamedAdam;
    pub use crate::run::{Rehearsal, Tally, validate};
    pub use crate::sample::{Sample, load_samples};
}
