//! `nerveseg calibrate`.

use std::path::PathBuf;

use anyhow::Result;
use nerveseg_model::{BUNDLED_MODEL, CalibratedOn, Manifest, Postprocess, Provenance, artifact};
use nerveseg_train::calibrate::{Calibration, CalibrationOptions, TradeOff, calibrate};
use serde::Serialize;

use crate::inputs::{Cases, CasesArgs, ModelArgs};
use crate::outcome::Outcome;
use crate::outputs::{Overwrite, OverwriteArg};
use crate::seen::Seen;
use crate::ui;

/// Fit calibration and thresholds of a model to cases it was not trained on.
///
/// Fits the temperature of the pixels, the threshold of the mask, and how presence follows from the
/// presence head and the map. Sets of empty frames are rare, so windows beside the nerves of the frames
/// stand in for them.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Example:\n  nerveseg calibrate --model run/best.safetensors --data uns --split run/splits.json --out model.safetensors"
)]
#[command(mut_arg("part", |part| part.default_value("validation")))]
pub(crate) struct CalibrateArgs {
    #[command(flatten)]
    model: ModelArgs,
    #[command(flatten)]
    cases: CasesArgs,
    /// Where to write the model with its new settings; without it they are only printed.
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    #[command(flatten)]
    overwrite: OverwriteArg,
    /// Take the settings of this model instead of fitting any: for one trained by the same recipe on
    /// everybody, the cases to calibrate with included.
    #[arg(long, value_name = "FILE", requires = "out")]
    like: Option<PathBuf>,
    /// Share of the frames with a nerve that must keep their mask.
    #[arg(long, default_value_t = 0.9)]
    sensitivity: f64,
    /// Share of the frames with a nerve that are called so for sure.
    #[arg(long, default_value_t = 0.7)]
    sure: f64,
    /// Seed of the windows, beside nerves and with them, that stand in for empty frames.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Print one JSON object instead of a table.
    #[arg(long)]
    json: bool,
}

pub(crate) fn run(args: &CalibrateArgs) -> Result<Outcome> {
    let overwrite = Overwrite::from(args.overwrite);
    overwrite.check(args.out.clone())?;
    let (postprocess, calibration) = match &args.like {
        Some(like) => {
            let like = artifact::load(like)?.1;
            (like.postprocess, like.provenance.calibration)
        }
        None => {
            let (postprocess, calibrated_on) = fit(args)?;
            (postprocess, Some(calibrated_on))
        }
    };
    if let Some(out) = &args.out {
        let (tensors, manifest) = match &args.model.file {
            Some(file) => artifact::load(file)?,
            None => artifact::decode(BUNDLED_MODEL, &args.model.name())?,
        };
        let manifest = Manifest {
            postprocess,
            provenance: Provenance {
                calibration,
                ..manifest.provenance
            },
            ..manifest
        };
        let bytes = artifact::encode(&tensors, &manifest);
        overwrite.write(out, &bytes)?;
        ui::say(&format!("model: {}", out.display()));
    }
    Ok(Outcome::Done)
}

/// What was fitted, and to whom, for programs.
#[derive(Serialize)]
struct Answer<'a> {
    #[serde(flatten)]
    calibration: &'a Calibration,
    calibrated_on: &'a CalibratedOn,
    seen_before: &'a [Seen],
}

fn fit(args: &CalibrateArgs) -> Result<(Postprocess, CalibratedOn)> {
    let Cases {
        whole,
        chosen,
        part,
    } = args.cases.open()?;
    let segmenter = args.model.open()?;
    let options = CalibrationOptions {
        sensitivity: args.sensitivity,
        sure: args.sure,
        seed: args.seed,
        sites: whole.sites().clone(),
    };
    let calibration = calibrate(&segmenter, chosen.cases(), &options)?;
    let total = whole.cases().len();
    let calibrated_on = CalibratedOn {
        data_fingerprint: ui::with_bar("hashing", total, |progress| whole.fingerprint(progress))?,
        subjects: chosen.subjects(),
        part: part.map(|part| part.name().to_owned()),
    };
    let mut seen_before = Seen::of(segmenter.manifest(), &whole, &chosen)?;
    // to be calibrated again on the same people, or on those who were watched, does no harm
    seen_before.retain(Seen::is_training);
    for seen in &seen_before {
        ui::say(&format!("warning: {}", seen.warning()));
    }
    ui::print(&if args.json {
        serde_json::to_string_pretty(&Answer {
            calibration: &calibration,
            calibrated_on: &calibrated_on,
            seen_before: &seen_before,
        })?
    } else {
        format!("{}\n{}", of_whom(&calibrated_on), table(&calibration))
    })?;
    Ok((calibration.postprocess, calibrated_on))
}

fn of_whom(CalibratedOn { subjects, part, .. }: &CalibratedOn) -> String {
    let part = part.as_ref();
    let part = part.map_or_else(String::new, |part| format!(" ({part} part)"));
    format!("calibrated on subjects {subjects:?}{part}")
}

fn table(calibration: &Calibration) -> String {
    let Calibration {
        postprocess,
        positives,
        empties,
        pixel_loss_before,
        pixel_loss_after,
        dice_by_threshold,
        trade_offs,
    } = calibration;
    let rule = &postprocess.presence;
    let mut lines = vec![
        format!(
            "{positives} frames with a nerve, {empties} without (windows beside nerves included)"
        ),
        format!(
            "temperature        {:.3}   loss of a pixel {pixel_loss_before:.5} → {pixel_loss_after:.5}",
            postprocess.temperature
        ),
        format!("threshold          {:.2}", postprocess.threshold),
        format!(
            "presence           σ({:.3}·head + {:.3}·map {:+.3})",
            rule.head, rule.core, rule.bias
        ),
        format!("no nerve below     {:.3}", postprocess.presence_threshold),
        format!("a nerve from       {:.3}", postprocess.presence_sure),
        String::new(),
        "threshold  Dice of frames with a nerve, gate open".to_owned(),
    ];
    let dice = |(threshold, dice): &(f32, f64)| format!("{threshold:9.2}  {dice:.4}");
    lines.extend(dice_by_threshold.iter().map(dice));
    lines.push("\n presence  sensitivity  specificity".to_owned());
    let row = |trade: &TradeOff| {
        format!(
            "{:9.3}  {:11.3}  {:11.3}",
            trade.threshold, trade.sensitivity, trade.specificity
        )
    };
    lines.extend(trade_offs.iter().map(row));
    lines.join("\n")
}
