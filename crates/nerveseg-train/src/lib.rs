#![doc = include_str!("../README.md")]
#![expect(
    clippy::missing_panics_doc,
    reason = "every `expect` says why it cannot fail; a panic that a caller can cause is documented"
)]

mod augment;
mod batch;
mod calibrate;
mod compare;
mod config;
mod error;
mod evaluate;
mod gated;
mod loss;
mod number;
mod optim;
mod report;
mod run;
mod sample;

pub use augment::{AugmentConfig, Crops, Geometry, Grafts, Intensity, Styles, Windows};
pub use batch::{Batch, DeviceBatch};
pub use calibrate::presence_fit::TradeOff;
pub use calibrate::{Calibration, CalibrationOptions, calibrate};
pub use compare::{FrameRow, Paired, change_sheet, compare};
pub use config::{InitConfig, InitSkip, TrainConfig};
pub use error::{Result, TrainError};
pub use evaluate::{Scored, evaluate};
pub use loss::{LossConfig, total_loss};
pub use optim::{EarlyStopConfig, Metric, NamedAdam, OneCycleConfig, PlateauConfig};
pub use report::curves::curves_svg;
pub use report::trust::trust_svg;
pub use report::{Picture, ReportInput, SheetRow, contact_sheet, render};
pub use run::{
    Alarm, Ancestor, Ending, EpochRecord, FitInput, FitOutcome, Overfit, Rehearsal, RunFolder,
    Tally, TrainEvent, check_same_run, fit, overfit_one_batch, validate, write_json_lines,
};
pub use sample::{Sample, load_samples};
