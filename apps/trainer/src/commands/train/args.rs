//! What `nerveseg train` is told.

use std::path::{Path, PathBuf};

use anyhow::Result;
use nerveseg_model::BUNDLED_MODEL;
use nerveseg_train::settings::{InitConfig, InitSkip};
use nerveseg_train::{Ancestor, TrainConfig};

use super::job::{Job, SplitChoice};
use crate::inputs::{DeviceArg, Folds, parse_folds, whole};
use crate::outcome::Usage;

/// What `--init` calls the model inside this program.
const BUNDLED: &str = "bundled";

/// What a run is to do, and what it starts from.
pub(super) struct Settings {
    pub(super) config: TrainConfig,
    pub(super) ancestor: Option<Ancestor>,
}

/// Train a network; writes a run folder with the artifact, the curves and a report.
///
/// Subjects never cross from training into validation or test. Without `--split` a split by
/// subject is drawn from the seed. Ctrl-C stops after the step; `--resume` goes on.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  nerveseg train --data uns --out run\n  nerveseg train --data uns --out run --resume\n  nerveseg train --data uns --out seed --preset seed --epochs 12 --device wgpu\n  nerveseg train --preset default --print-config > my.toml   # then edit, and:\n  nerveseg train --data uns --out run --config my.toml\n  nerveseg train --data uns --out runs --split splits.json --fold all\n  nerveseg train --data mine --out tuned --init bundled --preset finetune\n\nThe run folder: config.toml, splits.json, metrics.jsonl, curves.svg, best.safetensors,\nevaluation.json, report.html, checkpoint.safetensors."
)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a flag that a person types"
)]
pub(crate) struct TrainArgs {
    /// Folder in the layout of UNS.
    #[arg(long, value_name = "DIR", required_unless_present = "print_config")]
    data: Option<PathBuf>,
    /// Run folder to make, or to go on with.
    #[arg(long, value_name = "RUN", required_unless_present_any = ["print_config", "overfit_one_batch"])]
    out: Option<PathBuf>,
    /// Settings to start from: `seed` is the seed system's recipe, `default` ours, `small` a toy,
    /// `finetune` goes on from the weights of `--init` with few labelled frames.
    #[arg(long, value_name = "NAME", value_parser = TrainConfig::PRESETS)]
    preset: Option<String>,
    /// TOML file whose settings go over the preset's.
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    #[command(flatten)]
    pub(super) device: DeviceArg,
    /// Start from the weights of an artifact, or of the model inside this program (`bundled`). Its
    /// network, preprocessing, thresholds and calibration are taken over.
    #[arg(
        long,
        value_name = "bundled|FILE",
        conflicts_with = "overfit_one_batch"
    )]
    init: Option<PathBuf>,
    /// Draw these tensors of it anew from the seed: `head`, those of the mask and of presence.
    /// Thresholds and calibration, which belong to them, are those of the preset then.
    #[arg(long, value_name = "TENSORS", value_parser = ["head"], requires = "init")]
    init_skip: Option<String>,
    /// Passes over the training cases.
    #[arg(long, value_parser = whole::<u32>)]
    epochs: Option<u32>,
    /// Cases per step.
    #[arg(long, value_parser = whole::<usize>)]
    batch_size: Option<usize>,
    /// Seed of weights, batches, augmentation and the split.
    #[arg(long, value_parser = whole::<u64>)]
    seed: Option<u64>,
    /// Split made by `nerveseg split`.
    #[arg(long, value_name = "FILE")]
    split: Option<PathBuf>,
    /// Fold of that file, from 0; or `all`: one after the other, each in `RUN/fold-K`, then the
    /// scores of everybody by the network that has not met them, in `RUN/folds.json`.
    #[arg(
        long,
        value_name = "K|all",
        requires = "split",
        value_parser = parse_folds,
        allow_negative_numbers = true
    )]
    fold: Option<Folds>,
    /// Split by frame, as the seed system did. This leaks: only for reproducing its number.
    #[arg(long, conflicts_with = "split")]
    leaky_frame_split: bool,
    /// Cases to leave out, one a line, as `nerveseg audit --out` writes them.
    #[arg(long, value_name = "FILE")]
    exclude: Option<PathBuf>,
    /// Go on without the files that are broken, naming each.
    #[arg(long)]
    pub(super) skip_bad: bool,
    /// Go on with the run in `--out`. Settings and split that are not given are those of the run;
    /// those that are given must be.
    #[arg(long)]
    pub(super) resume: bool,
    /// Dry run: learn one batch by heart, or say why not.
    #[arg(long)]
    pub(super) overfit_one_batch: bool,
    /// Print the resolved settings as TOML and stop.
    #[arg(long)]
    pub(super) print_config: bool,
    /// One JSON object a line on stdout: steps, epochs, alarms, the result.
    #[arg(long)]
    pub(super) json: bool,
}

impl TrainArgs {
    /// Preset, then the artifact to start from, then file, then flags; on resume the run's own
    /// settings, then flags.
    pub(super) fn settings(&self) -> Result<Settings> {
        let stored = self.stored()?;
        let ancestor = self.ancestor(stored.as_ref())?;
        let started = stored.as_ref().and_then(|stored| stored.init.clone());
        let mut config = match (&self.preset, stored) {
            (None, Some(stored)) => stored,
            (preset, _) => TrainConfig::preset(preset.as_deref().unwrap_or("default"))?,
        };
        if let Some(ancestor) = &ancestor {
            let skip = match (&self.init, started) {
                (None, Some(started)) => started.skip,
                _ => self.init_skip.as_ref().map(|_| InitSkip::Head),
            };
            let is_stored = |init: &InitConfig| ancestor.is(init) && init.skip == skip;
            if !config.init.as_ref().is_some_and(is_stored) {
                ancestor.pass_on(&mut config, skip);
            }
        }
        if let Some(path) = &self.config {
            config = TrainConfig::from_file(path, &config)?;
        }
        config.epochs = self.epochs.unwrap_or(config.epochs);
        config.batch_size = self.batch_size.unwrap_or(config.batch_size);
        config.seed = self.seed.unwrap_or(config.seed);
        config.validate()?;
        // a resumed run is compared with itself first
        if let (Some(ancestor), false) = (&ancestor, self.resume) {
            ancestor.check(&config)?;
        }
        Ok(Settings { config, ancestor })
    }

    /// Settings of the run to go on with, if there is one.
    fn stored(&self) -> Result<Option<TrainConfig>> {
        let path = self.run_folder().map(|run| run.join("config.toml"));
        match path.filter(|path| self.resume && path.exists()) {
            Some(path) => Ok(Some(TrainConfig::from_file(
                &path,
                &TrainConfig::standard(),
            )?)),
            None => Ok(None),
        }
    }

    /// The weights to start from: those that are named, or that the run to go on with has a copy of.
    fn ancestor(&self, stored: Option<&TrainConfig>) -> Result<Option<Ancestor>> {
        let started = stored.and_then(|stored| stored.init.as_ref());
        let ancestor = match (&self.init, started, self.run_folder()) {
            (Some(named), ..) if named == Path::new(BUNDLED) => {
                Ancestor::from_bytes(BUNDLED_MODEL, BUNDLED)?
            }
            (Some(file), ..) => Ancestor::load(file, &file.display().to_string())?,
            (None, Some(started), Some(run)) => {
                Ancestor::load(&run.join("init.safetensors"), &started.name)?
            }
            _ if self.starts_from_nothing(stored) => {
                let message = "`--preset finetune` goes on from given weights: \
                               add `--init bundled` or `--init FILE`";
                return Err(Usage(message.to_owned()).into());
            }
            _ => return Ok(None),
        };
        // the same weights keep the name that the run knows them by
        Ok(Some(match started.filter(|started| ancestor.is(started)) {
            Some(started) => ancestor.called(&started.name),
            None => ancestor,
        }))
    }

    /// Whether a run is asked for that makes no sense with drawn weights.
    fn starts_from_nothing(&self, stored: Option<&TrainConfig>) -> bool {
        self.preset.as_deref() == Some("finetune") && stored.is_none() && !self.print_config
    }

    /// The dataset.
    pub(super) fn data(&self) -> Result<&Path> {
        let data = self.data.as_deref();
        Ok(data.ok_or_else(|| Usage("`--data` is missing".to_owned()))?)
    }

    /// The run that was asked for.
    pub(super) fn job(&self) -> Result<Job> {
        let out = self.out.clone();
        Ok(Job {
            title: "Training run".to_owned(),
            data: self.data()?.to_owned(),
            out: out.ok_or_else(|| Usage("`--out` is missing".to_owned()))?,
            device: self.device,
            split: match (&self.split, self.leaky_frame_split) {
                (Some(path), _) => SplitChoice::File(path.clone(), self.first_fold()),
                (None, true) => SplitChoice::Frames,
                (None, false) => SplitChoice::Holdout,
            },
            exclude: self.exclude.clone(),
            skip_bad: self.skip_bad,
            json: self.json,
            fold: None,
        })
    }

    /// The split, if all its folds are to be trained.
    pub(super) fn all_folds_of(&self) -> Option<&Path> {
        let all = self.fold == Some(Folds::All);
        self.split.as_deref().filter(|_| all)
    }

    fn first_fold(&self) -> usize {
        match self.fold {
            Some(Folds::One(fold)) => fold,
            Some(Folds::All) | None => 0,
        }
    }

    /// The folder whose settings are gone on with: of all folds, that of the first.
    fn run_folder(&self) -> Option<PathBuf> {
        let out = self.out.as_ref()?;
        Some(match self.fold {
            Some(Folds::All) => out.join("fold-0"),
            _ => out.clone(),
        })
    }
}
