#![doc = include_str!("../README.md")]
#![expect(
    clippy::missing_panics_doc,
    reason = "every `expect` says why it cannot fail; a panic that a caller can cause is documented"
)]

mod augment;
mod calibrate;
mod config;
mod data;
mod error;
mod evaluate;
mod loss;
mod optim;
mod report;
mod run;

pub use augment::augment;
pub use calibrate::presence_fit::TradeOff;
pub use calibrate::{Calibration, CalibrationOptions, calibrate};
pub use config::{
    AugmentConfig, EarlyStopConfig, LossConfig, Metric, OneCycleConfig, PlateauConfig, TrainConfig,
};
pub use data::batch::{Batch, DeviceBatch, EpochPlan, batches_ahead};
pub use data::sample::{Sample, load_samples};
pub use error::{Result, TrainError};
pub use evaluate::{Scored, Showcase, evaluate};
pub use loss::{bce_with_logits, soft_dice, total_loss};
pub use optim::adam::NamedAdam;
pub use optim::schedule::Monitor;
pub use report::curves::curves_svg;
pub use report::trust::trust_svg;
pub use report::{Picture, ReportInput, SheetRow, contact_sheet, render};
pub use run::alarms::Alarm;
pub use run::checkpoint::RunState;
pub use run::fit::{Ending, FitInput, FitOutcome, TrainEvent, fit};
pub use run::folder::{RunFolder, write_json_lines};
pub use run::overfit::{Overfit, overfit_one_batch};
pub use run::record::{EpochRecord, Tally};
pub use run::rehearsal::Rehearsal;
pub use run::validate::validate;
