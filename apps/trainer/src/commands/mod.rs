//! One file a command.

pub(crate) mod audit;
pub(crate) mod bench;
pub(crate) mod calibrate;
pub(crate) mod compare;
pub(crate) mod completions;
pub(crate) mod demo;
pub(crate) mod evaluate;
pub(crate) mod export_labels;
pub(crate) mod import;
pub(crate) mod info;
pub(crate) mod phantom;
pub(crate) mod predict;
pub(crate) mod split;
pub(crate) mod stats;
pub(crate) mod submit;
pub(crate) mod train;
