//! Scores of all folds together: everybody by the network that has not met them.

use std::path::Path;

use anyhow::{Context as _, Result, bail};
use nerveseg_data::Splits;
use nerveseg_metrics::{CaseResult, Evaluation, EvaluationOptions};
use nerveseg_model::artifact;
use nerveseg_train::{Alarm, EpochRecord, TrainConfig};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::job::Job;
use crate::ui;

/// What one fold came to.
#[derive(Serialize)]
struct FoldRun {
    fold: usize,
    /// Its folder, below that of all folds.
    run: String,
    /// SHA-256 of the tensors of its artifact, hex.
    sha256: String,
    /// Epoch of the artifact, from 1.
    best_epoch: Option<u32>,
    /// Scores of its own test part.
    evaluation: Evaluation,
    alarms: Vec<Alarm>,
}

/// What all folds came to.
pub(super) struct Pooled {
    folds: Vec<FoldRun>,
    evaluation: Evaluation,
}

impl Pooled {
    /// Reads what the runs of `jobs` wrote, one for each of `splits`.
    pub(super) fn of(config: &TrainConfig, jobs: &[Job], splits: &Splits) -> Result<Self> {
        let options = EvaluationOptions {
            seed: config.seed,
            ..EvaluationOptions::default()
        };
        let mut all: Vec<CaseResult> = Vec::new();
        let mut folds = Vec::new();
        for (fold, job) in jobs.iter().enumerate() {
            let cases: Vec<CaseResult> = read_lines(&job.out.join("cases.jsonl"))?;
            let test = splits.folds[fold].test();
            // where nobody of the test part was left, a run is scored on its validation part
            if !cases.iter().all(|case| test.contains(&case.subject_id)) || cases.is_empty() {
                bail!(
                    "`{}` has no frames of the test part of fold {fold}",
                    job.out.display()
                );
            }
            let history: Vec<EpochRecord> = read_lines(&job.out.join("metrics.jsonl"))?;
            let (_, manifest) = artifact::load(&job.out.join("best.safetensors"))?;
            folds.push(FoldRun {
                fold,
                run: format!("fold-{fold}"),
                sha256: manifest.sha256,
                best_epoch: manifest.provenance.epoch,
                evaluation: Evaluation::from_results(&cases, &options),
                alarms: Alarm::of(&history, config),
            });
            all.extend(cases);
        }
        Ok(Self {
            folds,
            evaluation: Evaluation::from_results(&all, &options),
        })
    }

    /// What the trainings of the folds gave rise to.
    pub(super) fn alarms(&self) -> impl Iterator<Item = &Alarm> {
        self.folds.iter().flat_map(|fold| &fold.alarms)
    }

    /// The whole for programs.
    pub(super) fn to_json(&self, split: &Path) -> Result<Value> {
        Ok(json!({
            "split": split,
            "folds": serde_json::to_value(&self.folds)?,
            "pooled": serde_json::to_value(&self.evaluation)?,
        }))
    }

    /// The whole for people.
    pub(super) fn to_table(&self) -> String {
        let mut text = format!(
            "{:<6}{:>8}{:>8}{:>10}{:>8}{:>8}{:>7}\n",
            "fold", "people", "frames", "positive", "Dice+", "Dice", "epoch"
        );
        for FoldRun {
            fold,
            best_epoch,
            evaluation,
            ..
        } in &self.folds
        {
            text += &format!(
                "{fold:<6}{:>8}{:>8}{:>10}{:>8}{:>8.3}{:>7}\n",
                evaluation.subjects,
                evaluation.cases,
                evaluation.positives,
                ui::score(evaluation.scores.dice_positive),
                evaluation.scores.dice_mean,
                best_epoch.map_or("–".to_owned(), |epoch| epoch.to_string()),
            );
        }
        text += "\nall folds, everybody by the network that has not met them:\n";
        text + &self.evaluation.to_table()
    }
}

/// One JSON object a line, as runs write them.
fn read_lines<T: DeserializeOwned>(path: &Path) -> Result<Vec<T>> {
    let text = std::fs::read_to_string(path)
        .with_context(|| format!("cannot read `{}`", path.display()))?;
    let rows = text
        .lines()
        .map(serde_json::from_str)
        .collect::<Result<_, _>>();
    rows.with_context(|| format!("`{}` is damaged", path.display()))
}
