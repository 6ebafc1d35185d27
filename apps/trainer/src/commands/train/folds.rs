//! `--fold all`: the folds of a split one after the other, and what they say together.

use std::path::Path;

use anyhow::{Result, bail};
use nerveseg_data::{Split, Splits};
use nerveseg_train::{Alarm, RunFolder, TrainConfig, check_same_run};
use serde_json::json;

use super::args::{Settings, TrainArgs};
use super::cases;
use super::job::{Job, SplitChoice};
use super::pooled::Pooled;
use crate::outcome::{Outcome, Usage};
use crate::outputs::Overwrite;
use crate::ui;

/// What becomes of a fold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Begin {
    New,
    Resumed,
    Finished,
}

impl Begin {
    fn name(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::Resumed => "resumed",
            Self::Finished => "finished",
        }
    }
}

/// Trains every fold of the split in `file` in a folder of its own, and pools their scores.
pub(super) fn train_all(args: &TrainArgs, file: &Path) -> Result<Outcome> {
    let settings = args.settings()?;
    let job = args.job()?;
    let splits = Splits::load(file)?;
    check(&splits, file)?;
    let summary = job.out.join("folds.json");
    let jobs: Vec<Job> = (0..splits.folds.len())
        .map(|fold| of_fold(&job, file, fold))
        .collect();
    if !args.resume {
        Overwrite::No.check([summary.clone()])?;
        // else the last of them is refused after hours
        for job in &jobs {
            drop(RunFolder::create(&job.out)?);
        }
    }
    for (fold, job) in jobs.iter().enumerate() {
        if train_one(&settings, job, fold, &splits, args.resume)? == Outcome::Interrupted {
            return Ok(Outcome::Interrupted);
        }
    }
    let pooled = Pooled::of(&settings.config, &jobs, &splits)?;
    let text = pooled.to_json(file)?;
    Overwrite::Yes.write(&summary, serde_json::to_string_pretty(&text)?.as_bytes())?;
    if job.json {
        ui::print(&json!({ "event": "folds", "result": text }).to_string())?;
    } else {
        ui::print(&pooled.to_table())?;
    }
    ui::say(&format!("all folds: {}", summary.display()));
    Ok(match pooled.alarms().any(Alarm::is_failure) {
        true => Outcome::Failed,
        false => Outcome::Done,
    })
}

/// Trains one fold, or goes on with it, or finds it finished.
fn train_one(
    settings: &Settings,
    job: &Job,
    fold: usize,
    splits: &Splits,
    resume: bool,
) -> Result<Outcome> {
    let there = resume && job.out.join("config.toml").exists();
    let folder = match there {
        true => RunFolder::open(&job.out)?,
        false => RunFolder::create(&job.out)?,
    };
    let begin = match there {
        true if is_finished(&settings.config, &folder)? => Begin::Finished,
        true => Begin::Resumed,
        false => Begin::New,
    };
    let (count, name) = (splits.folds.len(), begin.name());
    ui::say(&format!(
        "fold {fold} of {count} ({name}): {}",
        job.out.display()
    ));
    if job.json {
        let event = json!({
            "event": "fold", "fold": fold, "folds": count, "state": name, "run": job.out,
        });
        ui::print(&event.to_string())?;
    }
    if begin != Begin::Finished {
        return super::train(settings, job, &folder);
    }
    let dataset = cases::open(job)?;
    let partition = splits.folds[fold].resolve(&dataset);
    check_same_run(&settings.config, &partition, &dataset, &folder)?;
    Ok(Outcome::Done)
}

/// Whether the run in `folder` has come to its report with these very settings.
fn is_finished(config: &TrainConfig, folder: &RunFolder) -> Result<bool> {
    let stored = TrainConfig::from_file(&folder.config(), &TrainConfig::standard())?;
    Ok(stored == *config && folder.report().exists())
}

/// The job of one fold.
fn of_fold(job: &Job, file: &Path, fold: usize) -> Job {
    Job {
        title: format!("{}, fold {fold}", job.title),
        out: job.out.join(format!("fold-{fold}")),
        split: SplitChoice::File(file.to_owned(), fold),
        fold: Some(fold),
        ..job.clone()
    }
}

/// Refuses folds whose test parts cannot be pooled.
fn check(splits: &Splits, file: &Path) -> Result<()> {
    let name = file.display();
    let mut tested = Vec::new();
    for (fold, split) in splits.folds.iter().map(Split::test).enumerate() {
        if split.is_empty() {
            bail!(Usage(format!(
                "fold {fold} of `{name}` has no test part: nobody is left to score its network on"
            )));
        }
        if let Some((subject, other)) = tested.iter().find(|(id, _)| split.contains(id)) {
            bail!(Usage(format!(
                "subject {subject} is in the test part of folds {other} and {fold} of `{name}`: \
                 pooled scores count everybody once"
            )));
        }
        tested.extend(split.iter().map(|&id| (id, fold)));
    }
    if tested.is_empty() {
        bail!(Usage(format!("`{name}` has no folds")));
    }
    Ok(())
}
