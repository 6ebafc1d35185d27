#![doc = include_str!("../README.md")]

mod baseline;
mod bootstrap;
mod calibration;
mod case;
mod cohort;
mod cohort_scores;
mod comparison;
mod counts;
mod difference;
mod distance_transform;
mod evaluation;
mod gate;
mod overlap;
mod presence;
mod result;
mod site;
mod statistics;
mod surface;
mod table;

pub use baseline::{BaselineMask, MeanMask};
pub use calibration::{Calibration, CalibrationBin, CalibrationHistogram};
pub use case::{CaseScores, score_case};
pub use cohort_scores::{CohortScores, Intervals, PresenceScores, SurfaceSummary};
pub use comparison::{Compared, Comparison, SiteComparison, SubjectComparison};
pub use counts::Counts;
pub use difference::{Difference, Differences, Verdict};
pub use evaluation::{Evaluation, EvaluationOptions, SubjectScores};
pub use gate::Gate;
pub use overlap::{EmptyPolicy, dice, iou};
pub use presence::roc_auc;
pub use result::CaseResult;
pub use site::{SiteScores, SiteTable};
pub use surface::LengthUnit;
