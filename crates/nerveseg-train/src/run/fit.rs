//! Training from a folder of data to a run folder: what goes in, what is told, what comes out.

use std::sync::atomic::AtomicBool;

use nerveseg_data::{Dataset, Partition};
use nerveseg_model::{OpenDevice, Provenance};
use serde::Serialize;

use crate::config::TrainConfig;
use crate::error::{Result, TrainError};
use crate::run::alarms::Alarm;
use crate::run::folder::RunFolder;
use crate::run::record::EpochRecord;
use crate::run::training::Run;
use crate::sample::{Sample, load_samples};

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

/// What a run needs beside its settings.
#[derive(Debug)]
pub struct FitInput<'a> {
    /// The data.
    pub dataset: &'a Dataset,
    /// Which cases are trained on, which watched.
    pub partition: &'a Partition,
    /// Whether subjects may be in two parts; only the seed reproduction does that.
    pub allow_overlap: bool,
    /// Where it computes.
    pub device: OpenDevice,
    /// Where its files go.
    pub folder: &'a RunFolder,
    /// Goes into the artifact: data fingerprint and program revision.
    pub provenance: Provenance,
    /// Raised to ask the run to stop after the step.
    pub stop: &'a AtomicBool,
}

/// Trains a network, or goes on with a run whose folder holds a checkpoint.
///
/// # Errors
///
/// See [`TrainError`]; whatever happens, the last checkpoint and the best artifact stay whole.
pub fn fit(
    config: &TrainConfig,
    input: &FitInput<'_>,
    events: &mut dyn FnMut(TrainEvent<'_>),
) -> Result<FitOutcome> {
    config.validate()?;
    let overlap = input.partition.overlapping_subjects();
    if !overlap.is_empty() && !input.allow_overlap {
        return Err(TrainError::SubjectOverlap { subjects: overlap });
    }
    let (train, validation) = load_parts(config, input, events)?;
    let mut run = Run::start(config, input, train, validation, events)?;
    if !overlap.is_empty() {
        run.raise(
            Alarm::FrameSplit {
                subjects: overlap.len(),
            },
            events,
        );
    }
    run.go(events)
}

/// Reads the training and the validation part.
fn load_parts(
    config: &TrainConfig,
    input: &FitInput<'_>,
    events: &mut dyn FnMut(TrainEvent<'_>),
) -> Result<(Vec<Sample>, Vec<Sample>)> {
    let Partition {
        train, validation, ..
    } = input.partition;
    for (part, cases) in [("train", train), ("validation", validation)] {
        if cases.is_empty() {
            let hint = "give it at least one subject that the data folder has";
            return Err(TrainError::EmptyPart { part, hint });
        }
    }
    let total = train.len() + validation.len();
    events(TrainEvent::Loading { done: 0, total });
    let load = |cases| load_samples(input.dataset, cases, &config.preprocess, &|_| {});
    let train = load(train)?;
    events(TrainEvent::Loading {
        done: train.len(),
        total,
    });
    let validation = load(validation)?;
    events(TrainEvent::Loading { done: total, total });
    Ok((train, validation))
}
