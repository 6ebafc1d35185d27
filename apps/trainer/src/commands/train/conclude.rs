//! The last word of a run.

use anyhow::{Result, bail};
use nerveseg_metrics::EvaluationOptions;
use nerveseg_model::Segmenter;
use nerveseg_train::report::{ReportInput, contact_sheet, curves_svg, render};
use nerveseg_train::{FitInput, FitOutcome, TrainConfig, write_json_lines};
use serde_json::json;

use super::job::Job;
use crate::commands::evaluate;
use crate::seen::Seen;
use crate::ui;

/// Scores the best epoch, writes curves and report, and says where they are.
pub(super) fn conclude(
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
        bail!("{message} (`{}`)", folder.report().display());
    }
    let (part, cases) = match &input.partition.test {
        test if test.is_empty() => ("validation", &input.partition.validation),
        test => ("test", test),
    };
    let segmenter = Segmenter::from_file(folder.best(), job.device.spec)?;
    let dataset = input.dataset.select(cases)?;
    let options = EvaluationOptions {
        seed: config.seed,
        ..EvaluationOptions::default()
    };
    let scored = evaluate::score(&segmenter, &dataset, &options)?;
    // of its own people the run sees to it; whom the weights knew before it cannot know
    let mut seen = Vec::new();
    if input.ancestor.is_some() {
        seen = Seen::of(segmenter.manifest(), input.dataset, &dataset)?;
        seen.retain(Seen::is_inherited);
    }
    for warning in seen.iter().map(Seen::warning) {
        ui::say(&format!("warning: {warning}"));
        report.alarms.push(warning);
    }
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
            "fold": job.fold,
            "ending": outcome.ending,
            "best_epoch": outcome.best_epoch,
            "part": part,
            "evaluation": scored.evaluation,
            "alarms": outcome.alarms,
            "seen_before": seen,
            "artifact": artifact,
            "report": folder.report(),
        });
        ui::print(&event.to_string())?;
    } else if let Some(fold) = job.fold {
        let dice = ui::score(scored.evaluation.scores.dice_positive);
        ui::say(&format!(
            "fold {fold}: Dice {dice} over frames with a nerve of its {part} part"
        ));
    } else {
        ui::say(&format!("scores of the best epoch on the {part} part:"));
        ui::print(&scored.evaluation.to_table())?;
    }
    ui::say(&format!("artifact: {}", artifact.display()));
    ui::say(&format!("report:   {}", folder.report().display()));
    Ok(())
}
