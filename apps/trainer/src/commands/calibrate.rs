//! `nerveseg calibrate`.

use std::path::PathBuf;

use anyhow::Result;
use nerveseg_model::{BUNDLED_MODEL, Manifest, Postprocess, artifact};
use nerveseg_train::{Calibration, CalibrationOptions, calibrate};

use crate::inputs::{CasesArgs, ModelArgs};
use crate::outcome::Outcome;
use crate::outputs::{Overwrite, OverwriteArg};
use crate::ui;

/// Fit calibration and thresholds of a model to cases it was not trained on.
///
/// Fits the temperature of the pixels, the threshold of the mask, and how presence follows from the
/// presence head and the map. Sets of empty frames are rare, so windows beside the nerves of the frames
/// stand in for them.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Example:\n  nerveseg calibrate --model run/best.safetensors --data uns --split run/splits.json --part validation --out model.safetensors"
)]
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
    Overwrite::from(args.overwrite).check(args.out.clone())?;
    let postprocess = match &args.like {
        Some(like) => artifact::load(like)?.1.postprocess,
        None => fit(args)?,
    };
    if let Some(out) = &args.out {
        let (tensors, manifest) = match &args.model.file {
            Some(file) => artifact::load(file)?,
            None => artifact::decode(BUNDLED_MODEL, &args.model.name())?,
        };
        let manifest = Manifest {
            postprocess,
            ..manifest
        };
        artifact::save(out, &tensors, &manifest)?;
        ui::say(&format!("model: {}", out.display()));
    }
    Ok(Outcome::Done)
}

fn fit(args: &CalibrateArgs) -> Result<Postprocess> {
    let dataset = args.cases.open()?;
    let segmenter = args.model.open()?;
    let options = CalibrationOptions {
        sensitivity: args.sensitivity,
        sure: args.sure,
        seed: args.seed,
    };
    let calibration = calibrate(&segmenter, dataset.cases(), &options)?;
    ui::print(&match args.json {
        true => serde_json::to_string_pretty(&calibration)?,
        false => table(&calibration),
    })?;
    Ok(calibration.postprocess)
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
    let row = |trade: &nerveseg_train::TradeOff| {
        format!(
            "{:9.3}  {:11.3}  {:11.3}",
            trade.threshold, trade.sensitivity, trade.specificity
        )
    };
    lines.extend(trade_offs.iter().map(row));
    lines.join("\n")
}
