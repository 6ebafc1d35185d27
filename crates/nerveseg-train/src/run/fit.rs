//! Training from a folder of data to a run folder.

use nerveseg_data::Partition;
use nerveseg_model::Provenance;

use super::alarms::Alarm;
use super::events::{FitOutcome, TrainEvent};
use super::input::FitInput;
use super::training::Run;
use crate::config::TrainConfig;
use crate::error::{Result, TrainError};
use crate::sample::{Sample, load_hashed_samples};

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
    let (train, validation, fingerprint) = load_parts(config, input, events)?;
    let provenance = Provenance {
        data_fingerprint: Some(fingerprint),
        ..input.provenance.clone()
    };
    let mut run = Run::start(config, input, provenance, [train, validation], events)?;
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

/// Reads the training and the validation part, and takes the fingerprint of all data.
fn load_parts(
    config: &TrainConfig,
    input: &FitInput<'_>,
    events: &mut dyn FnMut(TrainEvent<'_>),
) -> Result<(Vec<Sample>, Vec<Sample>, String)> {
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
    let load = |cases| load_hashed_samples(input.dataset, cases, &config.preprocess, &|_| {});
    let (train, hashes) = load(train)?;
    events(TrainEvent::Loading {
        done: train.len(),
        total,
    });
    let (validation, more) = load(validation)?;
    events(TrainEvent::Loading { done: total, total });
    let hashes = hashes.with(more);
    let fingerprint = input.dataset.fingerprint_with(&hashes, &|_| {})?;
    Ok((train, validation, fingerprint))
}
