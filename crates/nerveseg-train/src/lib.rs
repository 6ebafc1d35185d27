#![doc = include_str!("../README.md")]
#![expect(
    clippy::missing_panics_doc,
    reason = "every `expect` says why it cannot fail; a panic that a caller can cause is documented"
)]

mod adam;
mod alarms;
mod augment;
mod average;
mod batch;
mod calibrate;
mod checkpoint;
mod config;
mod curves;
mod error;
mod evaluate;
mod fit;
mod graft;
mod logistic;
mod loss;
mod overfit;
mod presence_fit;
mod record;
mod rehearsal;
mod report;
mod run;
mod run_folder;
mod sample;
mod schedule;
mod step;
mod trust;
mod validate;
mod window;

pub use adam::NamedAdam;
pub use alarms::Alarm;
pub use augment::augment;
pub use batch::{Batch, DeviceBatch, EpochPlan, batches_ahead};
pub use calibrate::{Calibration, CalibrationOptions, calibrate};
pub use checkpoint::RunState;
pub use config::{
    AugmentConfig, EarlyStopConfig, LossConfig, Metric, OneCycleConfig, PlateauConfig, TrainConfig,
};
pub use curves::curves_svg;
pub use error::{Result, TrainError};
pub use evaluate::{Scored, Showcase, evaluate};
pub use fit::{Ending, FitInput, FitOutcome, TrainEvent, fit};
pub use loss::{bce_with_logits, soft_dice, total_loss};
pub use overfit::{Overfit, overfit_one_batch};
pub use presence_fit::TradeOff;
pub use record::{EpochRecord, Tally};
pub use rehearsal::Rehearsal;
pub use report::{Picture, ReportInput, SheetRow, contact_sheet, render};
pub use run_folder::{RunFolder, write_json_lines};
pub use sample::{Sample, load_samples};
pub use schedule::Monitor;
pub use trust::trust_svg;
pub use validate::validate;
