//! `nerveseg train`.

use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};

use anyhow::{Context as _, Result};
use nerveseg_data::audit::ExcludeList;
use nerveseg_data::{Dataset, FrameSplit, HoldoutSize, Partition, Split, SplitKind, Splits};
use nerveseg_metrics::EvaluationOptions;
use nerveseg_model::{DeviceSpec, Provenance, Segmenter};
use nerveseg_train::{
    Ending, FitInput, FitOutcome, ReportInput, RunFolder, TrainConfig, contact_sheet, curves_svg,
    fit, overfit_one_batch, render, write_json_lines,
};
use serde_json::json;

use crate::args::TrainArgs;
use crate::commands::evaluate;
use crate::outcome::Usage;
use crate::train_progress::TrainProgress;
use crate::{Outcome, inputs, ui};

/// Steps of the dry run.
const OVERFIT_STEPS: usize = 120;

/// How cases are split.
#[derive(Clone, Debug)]
pub(crate) enum SplitChoice {
    /// By subject, drawn from the seed of the run.
    Holdout,
    /// By subject, one fold of a file.
    File(PathBuf, usize),
    /// By frame, which leaks.
    Frames,
}

/// What to train on, where, and how to talk about it.
#[derive(Clone, Debug)]
pub(crate) struct Job {
    pub(crate) title: String,
    pub(crate) data: PathBuf,
    pub(crate) out: PathBuf,
    pub(crate) device: DeviceSpec,
    pub(crate) split: SplitChoice,
    pub(crate) exclude: Option<PathBuf>,
    pub(crate) skip_bad: bool,
    pub(crate) resume: bool,
    pub(crate) json: bool,
}

pub(crate) fn run(args: &TrainArgs) -> Result<Outcome> {
    let config = resolve(args)?;
    if args.print_config {
        ui::print(&config.to_toml())?;
        return Ok(Outcome::Done);
    }
    let data = args
        .data
        .clone()
        .ok_or_else(|| Usage("`--data` is missing".to_owned()))?;
    if args.overfit_one_batch {
        return overfit(args, &config, &data);
    }
    let job = Job {
        title: "Training run".to_owned(),
        data,
        out: args
            .out
            .clone()
            .ok_or_else(|| Usage("`--out` is missing".to_owned()))?,
        device: args.device,
        split: match (&args.split, args.leaky_frame_split) {
            (Some(path), _) => SplitChoice::File(path.clone(), args.fold.unwrap_or(0)),
            (None, true) => SplitChoice::Frames,
            (None, false) => SplitChoice::Holdout,
        },
        exclude: args.exclude.clone(),
        skip_bad: args.skip_bad,
        resume: args.resume,
        json: args.json,
    };
    train(config, &job)
}

/// Preset, then file, then flags; on resume the run's own settings, then flags.
fn resolve(args: &TrainArgs) -> Result<TrainConfig> {
    let stored = args
        .out
        .as_ref()
        .map(|out| out.join("config.toml"))
        .filter(|path| path.exists());
    let mut config = match (&args.preset, stored) {
        (None, Some(path)) if args.resume => {
            TrainConfig::from_file(&path, &TrainConfig::standard())?
        }
        (preset, _) => TrainConfig::preset(preset.as_deref().unwrap_or("default"))?,
    };
    if let Some(path) = &args.config {
        config = TrainConfig::from_file(path, &config)?;
    }
    config.epochs = args.epochs.unwrap_or(config.epochs);
    config.batch_size = args.batch_size.unwrap_or(config.batch_size);
    config.seed = args.seed.unwrap_or(config.seed);
    config.validate()?;
    Ok(config)
}

/// Trains, scores the best epoch on subjects it has not seen, and writes the report.
pub(crate) fn train(config: TrainConfig, job: &Job) -> Result<Outcome> {
    let folder = if job.resume {
        RunFolder::open(&job.out)?
    } else {
        RunFolder::create(&job.out)?
    };
    let dataset = open(job)?;
    let partition = partition(&config, job, &dataset, &folder)?;
    folder.write(&folder.config(), config.to_toml().as_bytes())?;
    let total = dataset.cases().len();
    let fingerprint = ui::with_bar("hashing", total, |progress| dataset.fingerprint(progress))?;
    let stop = stop_flag();
    let input = FitInput {
        dataset: &dataset,
        partition: &partition,
        allow_overlap: matches!(job.split, SplitChoice::Frames),
        device: inputs::device(job.device)?,
        folder: &folder,
        provenance: Provenance {
            data_fingerprint: Some(fingerprint),
            git_revision: option_env!("NERVESEG_REVISION").map(str::to_owned),
            ..Provenance::default()
        },
        stop: &stop,
    };
    say_parts(&partition);
    let mut progress = TrainProgress::new(config.epochs, job.json);
    let outcome = fit(&config, &input, &mut |event| progress.show(&event))?;
    progress.finish()?;
    if outcome.ending == Ending::Interrupted {
        ui::say(&format!(
            "interrupted; go on with `--resume` (`{}`)",
            folder.path().display()
        ));
        return Ok(Outcome::Interrupted);
    }
    conclude(&config, job, &input, &outcome)?;
    Ok(
        if outcome.alarms.iter().any(nerveseg_train::Alarm::is_failure) {
            Outcome::Failed
        } else {
            Outcome::Done
        },
    )
}

/// Opens the data without what is excluded.
fn open(job: &Job) -> Result<Dataset> {
    let dataset = inputs::dataset(&job.data, job.skip_bad)?;
    let Some(path) = &job.exclude else {
        return Ok(dataset);
    };
    let text = std::fs::read_to_string(path)
        .with_context(|| format!("cannot read `{}`", path.display()))?;
    let list: ExcludeList = text
        .parse()
        .with_context(|| format!("`{}` is no list of cases", path.display()))?;
    let before = dataset.cases().len();
    let dataset = dataset.filter(|entry| !list.contains(entry.case_id));
    ui::say(&format!(
        "excluded: {} of {before} cases",
        before - dataset.cases().len()
    ));
    Ok(dataset)
}

/// Splits, or reads how the run to go on with was split; keeps both in the run folder.
fn partition(
    config: &TrainConfig,
    job: &Job,
    dataset: &Dataset,
    folder: &RunFolder,
) -> Result<Partition> {
    let path = folder.partition();
    if job.resume {
        let text = folder.read(&path)?;
        return serde_json::from_str(&text)
            .with_context(|| format!("`{}` is damaged", path.display()));
    }
    let total = dataset.cases().len();
    let split = match &job.split {
        SplitChoice::File(file, fold) => {
            Some((SplitKind::Manual, inputs::fold(file, *fold, dataset)?))
        }
        SplitChoice::Holdout => {
            let subjects =
                ui::with_bar("reading", total, |progress| dataset.subject_stats(progress))?;
            Some((
                SplitKind::Holdout,
                Split::holdout(&subjects, HoldoutSize::default(), config.seed)?,
            ))
        }
        SplitChoice::Frames => None,
    };
    let partition = match split {
        Some((kind, split)) => {
            let partition = split.resolve(dataset);
            let splits = Splits {
                kind,
                seed: config.seed,
                fingerprint: None,
                folds: vec![split],
            };
            splits.save(folder.splits())?;
            partition
        }
        None => {
            let ids: Vec<_> = dataset.cases().iter().map(|entry| entry.case_id).collect();
            let split = FrameSplit::random(&ids, FrameSplit::SEED_FRACTION, config.seed)?;
            ui::say(&format!("warning: {}", split.warning()));
            split.resolve(dataset)
        }
    };
    folder.write(&path, serde_json::to_string(&partition)?.as_bytes())?;
    Ok(partition)
}

fn say_parts(partition: &Partition) {
    let Partition {
        train,
        validation,
        test,
    } = partition;
    ui::say(&format!(
        "cases: {} to train, {} to validate, {} to test",
        train.len(),
        validation.len(),
        test.len()
    ));
}

/// Scores, curves, report; the last word of a run.
fn conclude(
    config: &TrainConfig,
    job: &Job,
    input: &FitInput<'_>,
    outcome: &FitOutcome,
) -> Result<()> {
    let folder = input.folder;
    let curves = curves_svg(&outcome.history)?;
    folder.write(&folder.curves(), curves.as_bytes())?;
    let mut report = ReportInput {
        title: job.title.clone(),
        alarms: outcome.alarms.iter().map(ToString::to_string).collect(),
        facts: vec![
            ("Data".to_owned(), job.data.display().to_string()),
            (
                "Epochs".to_owned(),
                format!("{} of {}", outcome.history.len(), config.epochs),
            ),
            (
                "Best epoch".to_owned(),
                outcome
                    .best_epoch
                    .map_or("none".to_owned(), |e| e.to_string()),
            ),
        ],
        curves: Some(curves),
        config: Some(config.to_toml()),
        ..ReportInput::default()
    };
    if outcome.best_epoch.is_none() {
        let message = "no epoch had a score to be judged by: there is no artifact";
        report.alarms.push(message.to_owned());
        folder.write(&folder.report(), render(&report)?.as_bytes())?;
        anyhow::bail!("{message} (`{}`)", folder.report().display());
    }
    let (part, cases) = match &input.partition.test {
        test if test.is_empty() => ("validation", &input.partition.validation),
        test => ("test", test),
    };
    let segmenter = Segmenter::from_file(folder.best(), job.device)?;
    let dataset = input.dataset.select(cases)?;
    let options = EvaluationOptions {
        seed: config.seed,
        ..EvaluationOptions::default()
    };
    let scored = evaluate::score(&segmenter, &dataset, &options)?;
    let json = serde_json::to_string_pretty(&scored.evaluation)?;
    folder.write(&folder.evaluation(), json.as_bytes())?;
    write_json_lines(&folder.cases(), &scored.results)?;
    report.subtitle = format!("Scores of the best epoch on the {part} part, at the original size.");
    report.facts.extend(evaluate::facts(&segmenter));
    report.sheet = contact_sheet(&segmenter, &dataset, &scored.results)?;
    report.evaluation = Some(&scored.evaluation);
    folder.write(&folder.report(), render(&report)?.as_bytes())?;
    let artifact = folder.best();
    if job.json {
        let event = json!({
            "event": "result",
            "ending": outcome.ending,
            "best_epoch": outcome.best_epoch,
            "part": part,
            "evaluation": scored.evaluation,
            "alarms": outcome.alarms,
            "artifact": artifact,
            "report": folder.report(),
        });
        ui::print(&event.to_string())?;
    } else {
        ui::say(&format!("scores of the best epoch on the {part} part:"));
        ui::print(&scored.evaluation.to_table())?;
    }
    ui::say(&format!("artifact: {}", artifact.display()));
    ui::say(&format!("report:   {}", folder.report().display()));
    Ok(())
}

fn overfit(args: &TrainArgs, config: &TrainConfig, data: &std::path::Path) -> Result<Outcome> {
    let dataset = inputs::dataset(data, args.skip_bad)?;
    let device = inputs::device(args.device)?;
    let bar = ui::bar("overfitting", OVERFIT_STEPS);
    let result = overfit_one_batch(
        config,
        &dataset,
        &device,
        OVERFIT_STEPS,
        &mut |step, loss| {
            bar.set_position(step as u64);
            bar.set_message(format!("loss {loss:.4}"));
        },
    );
    bar.finish_and_clear();
    let overfit = result?;
    if args.json {
        ui::print(&serde_json::to_string(&overfit)?)?;
    } else {
        ui::print(&format!(
            "one batch learned by heart: loss {:.4} to {:.4} in {} steps, Dice {:.3} over {} frames",
            overfit.first_loss,
            overfit.last_loss,
            overfit.steps,
            overfit.dice_positive,
            overfit.cases.len()
        ))?;
    }
    Ok(Outcome::Done)
}

/// Raised by the first Ctrl-C (or SIGTERM); the second one ends the program at once.
fn stop_flag() -> Arc<AtomicBool> {
    static FLAG: OnceLock<Arc<AtomicBool>> = OnceLock::new();
    let flag = FLAG.get_or_init(|| {
        let flag = Arc::new(AtomicBool::new(false));
        let raised = Arc::clone(&flag);
        let installed = ctrlc::set_handler(move || {
            if raised.swap(true, Ordering::Relaxed) {
                #[expect(clippy::exit, reason = "the person asked twice")]
                std::process::exit(130);
            }
            ui::say("stopping after this step; once more to stop at once");
        });
        if let Err(error) = installed {
            ui::say(&format!("warning: Ctrl-C will not save: {error}"));
        }
        flag
    });
    Arc::clone(flag)
}
