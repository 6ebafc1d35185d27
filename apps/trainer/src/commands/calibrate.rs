//! `nerveseg calibrate`.

use anyhow::Result;
use nerveseg_model::{BUNDLED_MODEL, Manifest, Postprocess, artifact};
use nerveseg_train::{Calibration, CalibrationOptions, calibrate};

use crate::args::CalibrateArgs;
use crate::{Outcome, inputs, ui};

pub(crate) fn run(args: &CalibrateArgs) -> Result<Outcome> {
    let postprocess = match &args.like {
        Some(like) => artifact::load(like)?.1.postprocess,
        None => fit(args)?,
    };
    if let Some(out) = &args.out {
        let (tensors, manifest) = match &args.model.model {
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
    let dataset = inputs::cases(&args.cases)?;
    let segmenter = inputs::segmenter(&args.model)?;
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
