//! Everything of a run that is not a tensor.

use nerveseg_data::{Partition, hex};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::record::EpochRecord;
use super::tally::Tally;
use crate::config::TrainConfig;
use crate::optim::Monitor;

/// How far a run has come; part of a checkpoint.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct RunState {
    /// SHA-256 of configuration and partition, hex: a run is resumed with what it was started with.
    pub(crate) identity: String,
    /// Epoch that is under way (or next), from 1.
    pub(crate) epoch: u32,
    /// Steps already taken in it.
    pub(crate) step: usize,
    /// Training sums of that epoch so far.
    pub(crate) train: Tally,
    /// Steps taken by the optimiser in all.
    pub(crate) optimiser_steps: usize,
    /// Learning rate, best value, patience.
    pub(crate) monitor: Monitor,
    /// Epochs that are finished.
    pub(crate) history: Vec<EpochRecord>,
    /// Epoch of the best weights, from 1.
    pub(crate) best_epoch: Option<u32>,
}

impl RunState {
    /// A run that begins.
    pub(crate) fn new(config: &TrainConfig, partition: &Partition) -> Self {
        Self {
            identity: identity(config, partition),
            epoch: 1,
            step: 0,
            train: Tally::default(),
            optimiser_steps: 0,
            monitor: Monitor::new(config.learning_rate),
            history: Vec::new(),
            best_epoch: None,
        }
    }
}

/// SHA-256 over what a resumed run must share with the one that was started.
///
/// More epochs or more patience may be asked for: they change when a run ends, not what it does.
/// Only one cycle is stretched over all epochs.
fn identity(config: &TrainConfig, partition: &Partition) -> String {
    let mut config = config.clone();
    if config.one_cycle.is_none() {
        config.epochs = 0;
    }
    config.early_stop.patience = 0;
    let json = serde_json::to_vec(&(config, partition)).expect("plain data");
    hex(&Sha256::digest(json))
}
