//! A run: on what, where, and how to talk about it.

use std::path::PathBuf;

use crate::inputs::DeviceArg;

/// How cases are split.
#[derive(Clone, Debug)]
pub(crate) enum SplitChoice {
    /// By subject, drawn from the seed of the run.
    Holdout,
    /// By subject, one fold of a file.
    File(PathBuf, usize),
    /// By frame, which leaks.
    Frames,
}

/// What to train on, where, and how to talk about it.
#[derive(Clone, Debug)]
pub(crate) struct Job {
    pub(crate) title: String,
    pub(crate) data: PathBuf,
    pub(crate) out: PathBuf,
    pub(crate) device: DeviceArg,
    pub(crate) split: SplitChoice,
    pub(crate) exclude: Option<PathBuf>,
    pub(crate) skip_bad: bool,
    pub(crate) json: bool,
    /// Which of several folds this is, if they are trained together.
    pub(crate) fold: Option<usize>,
}
