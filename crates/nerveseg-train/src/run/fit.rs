//! Training from a folder of data to a run folder.

use nerveseg_data::{FileHashes, Partition};

use super::alarms::Alarm;
use super::ancestor;
use super::earlier::Earlier;
use super::events::{FitOutcome, TrainEvent};
use super::folder::RunFolder;
use super::identity::Identity;
use super::input::FitInput;
use super::training::Run;
use super::worth;
use crate::config::TrainConfig;
use crate::error::{Result, TrainError};
use crate::sample::{Sample, load_hashed_samples};

/// Trains a network, or goes on with a run whose folder holds a checkpoint.
///
/// Nothing is written before everything has been checked.
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
    let earlier = Earlier::of(input.folder)?;
    if let Some(earlier) = &earlier {
        earlier.check_names(config, input.partition, input.dataset)?;
    }
    ancestor::check(config, input.ancestor)?;
    let (train, validation, data) = load_parts(config, input, events)?;
    if let Some(earlier) = &earlier {
        earlier.check_contents(&data)?;
    }
    let both = [&input.partition.train[..], &input.partition.validation].concat();
    let both = input.dataset.select(&both)?;
    let odd = worth::check(
        config,
        both.root(),
        [&train, &validation],
        both.mask_survey(),
    )?;
    let identity = Identity::new(config, input.partition, &data);
    let checkpoint = earlier.and_then(Earlier::into_checkpoint);
    let mut run = Run::start(
        config,
        input,
        checkpoint,
        identity,
        [train, validation],
        events,
    )?;
    record(config, input, &data)?;
    let leak = (!overlap.is_empty()).then_some(Alarm::FrameSplit {
        subjects: overlap.len(),
    });
    for alarm in leak.into_iter().chain(odd) {
        run.raise(alarm, events);
    }
    run.go(events)
}

/// Writes down what the run is, the configuration last: with it, the run can be resumed.
fn record(config: &TrainConfig, input: &FitInput<'_>, data: &FileHashes) -> Result<()> {
    let folder = input.folder;
    // it is of a run that has come to its end
    RunFolder::remove(&folder.report())?;
    if !folder.is_resumed() {
        let json = serde_json::to_string(input.partition).expect("plain data");
        folder.write(&folder.partition(), json.as_bytes())?;
        folder.write(&folder.data(), data.to_string().as_bytes())?;
        match input.splits {
            Some(splits) => splits.save(folder.splits())?,
            // of a start that failed
            None => RunFolder::remove(&folder.splits())?,
        }
        match input.ancestor {
            Some(ancestor) => ancestor.save(&folder.init())?,
            None => RunFolder::remove(&folder.init())?,
        }
    }
    folder.write(&folder.config(), config.to_toml().as_bytes())
}

/// Reads the training and the validation part, and takes the hashes of all data.
fn load_parts(
    config: &TrainConfig,
    input: &FitInput<'_>,
    events: &mut dyn FnMut(TrainEvent<'_>),
) -> Result<(Vec<Sample>, Vec<Sample>, FileHashes)> {
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
    let data = input.dataset.hashes(hashes.with(more), &|_| {})?;
    Ok((train, validation, data))
}
