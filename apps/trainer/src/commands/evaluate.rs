//! `nerveseg evaluate`.

use std::path::PathBuf;

use anyhow::Result;
use nerveseg_data::Dataset;
use nerveseg_metrics::{Evaluation, EvaluationOptions, SiteTable};
use nerveseg_model::{Segmenter, StartedFrom};
use nerveseg_train::report::{ReportInput, contact_sheet, render, trust_svg};
use nerveseg_train::{Scored, evaluate, write_json_lines};
use serde::Serialize;

use crate::inputs::{Cases, CasesArgs, EnsembleArgs, EnsembleOf, ThresholdArgs};
use crate::outcome::Outcome;
use crate::outputs::{Overwrite, OverwriteArg};
use crate::seen::Seen;
use crate::{inputs, outputs, ui};

/// Score a model on labelled frames, beside the baselines and with intervals over subjects.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  nerveseg evaluate --model run/best.safetensors --data uns --split run/splits.json --part test\n  nerveseg evaluate --model model.safetensors --data held-out --json | jq .dice_positive\n  nerveseg evaluate --model a.safetensors b.safetensors --data held-out   # an ensemble"
)]
pub(crate) struct EvaluateArgs {
    #[command(flatten)]
    model: EnsembleArgs,
    #[command(flatten)]
    cases: CasesArgs,
    #[command(flatten)]
    thresholds: ThresholdArgs,
    /// Bootstrap resamples over subjects.
    #[arg(long, default_value_t = 2000)]
    resamples: usize,
    /// Seed of the bootstrap.
    #[arg(long, default_value_t = 0)]
    seed: u64,
    /// Print one JSON object instead of a table.
    #[arg(long)]
    json: bool,
    /// Folder for `report.html`, `evaluation.json`, `cases.jsonl` and `trust.svg` (reliability of the
    /// pixels, what presence does at every threshold).
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    #[command(flatten)]
    overwrite: OverwriteArg,
}

/// The scores, and whom the model knew, for programs.
#[derive(Serialize)]
struct Answer<'a> {
    #[serde(flatten)]
    evaluation: &'a Evaluation,
    per_site: &'a SiteTable,
    seen_before: &'a [Seen],
    #[serde(skip_serializing_if = "Option::is_none")]
    ensemble: Option<&'a EnsembleOf>,
}

/// What is written to the folder.
const FILES: [&str; 4] = ["report.html", "evaluation.json", "cases.jsonl", "trust.svg"];

pub(crate) fn run(args: &EvaluateArgs) -> Result<Outcome> {
    let overwrite = Overwrite::from(args.overwrite);
    overwrite.check_in(args.out.as_deref(), &FILES)?;
    let Cases { whole, chosen, .. } = args.cases.open()?;
    let segmenter = args.model.open_with(args.thresholds)?;
    let ensemble = args.model.ensemble(&segmenter);
    let options = EvaluationOptions {
        resamples: args.resamples,
        seed: args.seed,
    };
    let scored = score(&segmenter, &chosen, &options)?;
    inputs::say_frames(&chosen);
    ui::say_each(&chosen.mask_survey().remarks());
    let manifests: Vec<_> = segmenter.members().map(Segmenter::manifest).collect();
    let seen_before = Seen::of_any(&manifests, &whole, &chosen)?;
    let warnings: Vec<String> = seen_before.iter().map(Seen::warning).collect();
    for warning in &warnings {
        ui::say(&format!("warning: {warning}"));
    }
    let sites = scored.by_site(chosen.sites());
    let json = serde_json::to_string_pretty(&Answer {
        evaluation: &scored.evaluation,
        per_site: &sites,
        seen_before: &seen_before,
        ensemble: ensemble.as_ref(),
    })?;
    let mut table = match &ensemble {
        Some(ensemble) => format!("{ensemble}\n\n"),
        None => String::new(),
    };
    table += &scored.evaluation.to_table();
    if !sites.0.is_empty() {
        table += &format!("\n{sites}");
    }
    if let Some(out) = &args.out {
        outputs::make_folder(out)?;
        // of two that come at once the second stops here, before it mixes its files with the first's
        overwrite.write(&out.join("evaluation.json"), json.as_bytes())?;
        write_json_lines(&out.join("cases.jsonl"), &scored.results)?;
        let trust = trust_svg(&scored)?;
        overwrite.write(&out.join("trust.svg"), trust.as_bytes())?;
        let input = ReportInput {
            title: "Evaluation".to_owned(),
            subtitle: format!("{} on {}", args.model.name(), args.cases.data.display()),
            alarms: warnings,
            facts: match &ensemble {
                Some(ensemble) => ensemble.facts(),
                None => facts(&segmenter),
            },
            sheet: contact_sheet(&segmenter, &chosen, &scored.results)?,
            evaluation: Some(&scored.evaluation),
            trust: Some(trust),
            sites,
            ..ReportInput::default()
        };
        overwrite.write(&out.join("report.html"), render(&input)?.as_bytes())?;
        ui::say(&format!("report: {}", out.join("report.html").display()));
    }
    ui::print(if args.json { &json } else { &table })?;
    Ok(Outcome::Done)
}

/// Scores every labelled case of `dataset` under a bar.
pub(crate) fn score(
    segmenter: &Segmenter,
    dataset: &Dataset,
    options: &EvaluationOptions,
) -> Result<Scored> {
    let bar = ui::bar("evaluating", dataset.cases().len());
    let progress = &mut |done: usize| bar.set_position(done as u64);
    let scored = evaluate(segmenter, dataset.cases(), options, progress);
    bar.finish_and_clear();
    Ok(scored?)
}

/// What a report says about the model.
pub(crate) fn facts(segmenter: &Segmenter) -> Vec<(String, String)> {
    let manifest = segmenter.manifest();
    let fact = |name: &str, value: String| (name.to_owned(), value);
    let mut facts = vec![
        fact("Device", segmenter.device_name().to_owned()),
        fact(
            "Parameters",
            ui::thousands(segmenter.parameter_counts().total),
        ),
        fact(
            "Thresholds",
            format!(
                "pixel {:.2}, presence {:.2}",
                manifest.postprocess.threshold, manifest.postprocess.presence_threshold
            ),
        ),
        fact("SHA-256 of the weights", manifest.sha256.clone()),
        fact("Made by", manifest.producer.clone()),
        fact(
            "Trained on subjects",
            format!("{:?}", manifest.provenance.train_subjects),
        ),
    ];
    if let Some(started) = &manifest.provenance.started_from {
        let StartedFrom { name, sha256, .. } = started;
        facts.push(fact("Started from", format!("{name} (SHA-256 {sha256})")));
    }
    if let Some(calibration) = &manifest.provenance.calibration {
        let subjects = format!("{:?}", calibration.subjects);
        facts.push(fact("Calibrated on subjects", subjects));
    }
    if let Some(fingerprint) = &manifest.provenance.data_fingerprint {
        facts.push(fact("SHA-256 of the data", fingerprint.clone()));
    }
    facts
}
