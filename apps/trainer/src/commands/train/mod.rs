//! `nerveseg train`.

mod args;
mod cases;
mod conclude;
mod job;
mod overfit;
mod progress;

use anyhow::Result;
use nerveseg_model::Provenance;
use nerveseg_train::{Ending, FitInput, RunFolder, TrainConfig, TrainEvent, fit};

use crate::outcome::Outcome;
use crate::{inputs, ui};

pub(crate) use args::TrainArgs;
pub(crate) use job::{Job, SplitChoice};

use progress::TrainProgress;

pub(crate) fn run(args: &TrainArgs) -> Result<Outcome> {
    let config = args.settings()?;
    if args.print_config {
        ui::print(&config.to_toml())?;
        return Ok(Outcome::Done);
    }
    if args.overfit_one_batch {
        return overfit::overfit(args, &config);
    }
    train(config, &args.job()?)
}

/// Trains, scores the best epoch on subjects it has not seen, and writes the report.
pub(crate) fn train(config: TrainConfig, job: &Job) -> Result<Outcome> {
    let folder = if job.resume {
        RunFolder::open(&job.out)?
    } else {
        RunFolder::create(&job.out)?
    };
    let dataset = cases::open(job)?;
    let partition = cases::partition(&config, job, &dataset, &folder)?;
    folder.write(&folder.config(), config.to_toml().as_bytes())?;
    let stop = crate::interrupt::stop_flag();
    let input = FitInput {
        dataset: &dataset,
        partition: &partition,
        allow_overlap: matches!(job.split, SplitChoice::Frames),
        device: job.device.open()?,
        folder: &folder,
        provenance: Provenance {
            git_revision: option_env!("NERVESEG_REVISION").map(str::to_owned),
            ..Provenance::default()
        },
        stop: &stop,
    };
    cases::say_parts(&partition);
    let mut progress = TrainProgress::new(config.epochs, job.json);
    let outcome = fit(&config, &input, &mut |event| {
        if matches!(&event, TrainEvent::Loading { done, total } if done == total) {
            inputs::say_depth(&dataset);
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
    conclude::conclude(&config, job, &input, &outcome)?;
    Ok(
        if outcome.alarms.iter().any(nerveseg_train::Alarm::is_failure) {
            Outcome::Failed
        } else {
            Outcome::Done
        },
    )
}
