//! A training run: its loop, its folder, its state on disk, and what it tells.

pub(crate) mod alarms;
pub(crate) mod checkpoint;
pub(crate) mod epoch;
pub(crate) mod fit;
pub(crate) mod folder;
pub(crate) mod overfit;
pub(crate) mod record;
pub(crate) mod rehearsal;
pub(crate) mod step;
pub(crate) mod training;
pub(crate) mod validate;
