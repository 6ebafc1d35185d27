//! `nerveseg train`.

mod args;
mod cases;
mod conclude;
mod folds;
mod job;
mod overfit;
mod pooled;
mod progress;

use anyhow::Result;
use nerveseg_model::Provenance;
use nerveseg_train::{Ending, FitInput, RunFolder, TrainConfig, TrainEvent, fit};

use crate::outcome::Outcome;
use crate::{inputs, ui};

use args::Settings;
pub(crate) use args::TrainArgs;
pub(crate) use job::{Job, SplitChoice};

use progress::TrainProgress;

pub(crate) fn run(args: &TrainArgs) -> Result<Outcome> {
    if args.print_config {
        ui::print(&args.settings()?.config.to_toml())?;
        return Ok(Outcome::Done);
    }
    if args.overfit_one_batch {
        return overfit::overfit(args, &args.settings()?.config);
    }
    if let Some(split) = args.all_folds_of() {
        return folds::train_all(args, split);
    }
    let job = args.job()?;
    if args.resume {
        let folder = RunFolder::open(&job.out)?;
        // read now that nobody else writes there
        return train(&args.settings()?, &job, &folder);
    }
    begin(&args.settings()?, &job)
}

/// Starts a run with drawn weights in a new folder.
pub(crate) fn start(config: TrainConfig, job: &Job) -> Result<Outcome> {
    let ancestor = None;
    begin(&Settings { config, ancestor }, job)
}

/// Starts a run in a new folder.
fn begin(settings: &Settings, job: &Job) -> Result<Outcome> {
    let folder = RunFolder::create(&job.out)?;
    train(settings, job, &folder)
}

/// Trains, scores the best epoch on subjects it has not seen, and writes the report.
fn train(settings: &Settings, job: &Job, folder: &RunFolder) -> Result<Outcome> {
    let Settings { config, ancestor } = settings;
    let dataset = cases::open(job)?;
    let parts = cases::parts(config, job, &dataset, folder)?;
    let partition = &parts.partition;
    let stop = crate::interrupt::stop_flag();
    let input = FitInput {
        dataset: &dataset,
        partition,
        splits: parts.splits.as_ref(),
        allow_overlap: parts.by_frame,
        device: job.device.open()?,
        folder,
        ancestor: ancestor.as_ref(),
        provenance: Provenance {
            git_revision: option_env!("NERVESEG_REVISION").map(str::to_owned),
            ..Provenance::default()
        },
        stop: &stop,
    };
    cases::say_parts(partition);
    if let Some(init) = &config.init {
        ui::say(&format!(
            "starts from: {} (SHA-256 {})",
            init.name, init.sha256
        ));
    }
    let mut progress = TrainProgress::new(config.epochs, job.json);
    let outcome = fit(config, &input, &mut |event| {
        if matches!(&event, TrainEvent::Loading { done, total } if done == total) {
            inputs::say_frames(&dataset);
            ui::say_each(&dataset.mask_survey().readings());
        }
        progress.show(&event);
    })?;
    progress.finish()?;
    if outcome.ending == Ending::Interrupted {
        ui::say(&format!(
            "interrupted; go on with `--resume` (`{}`)",
            folder.path().display()
        ));
        return Ok(Outcome::Interrupted);
    }
    conclude::conclude(config, job, &input, &outcome)?;
    Ok(
        if outcome.alarms.iter().any(nerveseg_train::Alarm::is_failure) {
            Outcome::Failed
        } else {
            Outcome::Done
        },
    )
}
