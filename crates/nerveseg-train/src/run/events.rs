//! What a run tells while it goes on, and at its end.

use serde::Serialize;

use super::alarms::Alarm;
use super::record::EpochRecord;

/// What a run tells while it goes on.
#[derive(Debug)]
pub enum TrainEvent<'a> {
    /// Cases read so far, of how many.
    Loading {
        /// Read so far.
        done: usize,
        /// To be read.
        total: usize,
    },
    /// The run goes on from here.
    Resumed {
        /// Epoch, from 1.
        epoch: u32,
        /// Steps already taken in it.
        step: usize,
    },
    /// One step is done.
    Step {
        /// Epoch, from 1.
        epoch: u32,
        /// Steps taken in it.
        step: usize,
        /// Steps of a whole epoch.
        steps: usize,
        /// Mean training loss of the epoch so far.
        loss: f64,
    },
    /// One epoch is done and validated.
    Epoch {
        /// Its scores.
        record: &'a EpochRecord,
        /// How long it took in this process.
        seconds: f64,
    },
    /// Something is wrong.
    Alarm(&'a Alarm),
}

/// How a run ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Ending {
    /// All epochs are done.
    Completed,
    /// The monitored metric stopped improving.
    StoppedEarly,
    /// It was asked to stop; it can be resumed.
    Interrupted,
}

/// What a run leaves behind.
#[derive(Clone, Debug)]
pub struct FitOutcome {
    /// How it ended.
    pub ending: Ending,
    /// Scores of every epoch.
    pub history: Vec<EpochRecord>,
    /// Epoch of `best.safetensors`, from 1.
    pub best_epoch: Option<u32>,
    /// What is wrong with it.
    pub alarms: Vec<Alarm>,
}
