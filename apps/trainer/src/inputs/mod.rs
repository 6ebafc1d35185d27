//! What several commands are told, and how it is opened.

mod cases;
mod device;
mod ensemble;
mod images;
mod layout;
mod model;
mod number;
mod reader;
mod search;
mod size;
mod skipped;

pub(crate) use cases::{Cases, CasesArgs, dataset, fold, say_frames};
pub(crate) use device::DeviceArg;
pub(crate) use ensemble::{EnsembleArgs, EnsembleOf};
pub(crate) use images::{Source, images};
pub(crate) use layout::with_layout;
pub(crate) use model::{ModelArgs, ThresholdArgs, model};
pub(crate) use number::{Folds, parse_folds, whole};
pub(crate) use reader::reader;
pub(crate) use size::parse_size;
pub(crate) use skipped::Skipped;
