#![doc = include_str!("../README.md")]

mod baseline;
mod bootstrap;
mod calibration;
mod case;
mod cohort;
mod cohort_scores;
mod counts;
mod distance_transform;
mod evaluation;
mod overlap;
mod presence;
mod result;
mod statistics;
mod surface;
mod table;

pub use baseline::{BaselineMask, MeanMask};
pub use calibration::{Calibration, CalibrationBin, CalibrationHistogram};
pub use case::{CaseScores, score_case};
pub use cohort_scores::{CohortScores, Intervals, PresenceScores, SurfaceSummary};
pub use counts::Counts;
pub use evaluation::{Evaluation, EvaluationOptions, SubjectScores};
pub use overlap::{EmptyPolicy, dice, iou};
pub use presence::roc_auc;
pub use result::CaseResult;
pub use surface::LengthUnit;
