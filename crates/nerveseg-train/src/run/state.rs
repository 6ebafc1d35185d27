//! Everything of a run that is not a tensor.

use serde::{Deserialize, Serialize};

use super::identity::Identity;
use super::record::EpochRecord;
use super::tally::Tally;
use crate::optim::Monitor;

/// How far a run has come; part of a checkpoint.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct RunState {
    /// What the run was started with, and is resumed with.
    pub(crate) identity: Identity,
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
    pub(crate) fn new(identity: Identity) -> Self {
        Self {
            epoch: 1,
            step: 0,
            train: Tally::default(),
            optimiser_steps: 0,
            monitor: Monitor::new(identity.config.learning_rate),
            history: Vec::new(),
            best_epoch: None,
            identity,
        }
    }
}
