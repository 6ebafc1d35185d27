//! The dry run.

use anyhow::Result;
use nerveseg_train::{TrainConfig, overfit_one_batch};

use super::args::TrainArgs;
use crate::outcome::Outcome;
use crate::{inputs, ui};

/// Steps of the dry run.
const STEPS: usize = 120;

/// Learns one batch by heart, or fails and says why not.
pub(super) fn overfit(args: &TrainArgs, config: &TrainConfig) -> Result<Outcome> {
    let dataset = inputs::dataset(args.data()?, Some(args.skip_bad))?;
    let device = args.device.open()?;
    let bar = ui::bar("overfitting", STEPS);
    let result = overfit_one_batch(config, &dataset, &device, STEPS, &mut |step, loss| {
        bar.set_position(step as u64);
        bar.set_message(format!("loss {loss:.4}"));
    });
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
