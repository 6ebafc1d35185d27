//! The dry run: a network that cannot learn one batch by heart will not learn anything.

use nerveseg_data::{CaseEntry, Dataset};
use nerveseg_model::{OpenDevice, UNetConfig};
use serde::Serialize;

use super::step::{Moment, step};
use super::validate::validate;
use crate::batch::Batch;
use crate::config::TrainConfig;
use crate::error::{Result, TrainError};
use crate::optim::NamedAdam;
use crate::sample::load_samples;

/// What one batch looked like before and after.
#[derive(Clone, Debug, Serialize)]
pub struct Overfit {
    /// Cases in the batch.
    pub cases: Vec<String>,
    /// Loss of the first step.
    pub first_loss: f32,
    /// Loss of the last step.
    pub last_loss: f32,
    /// Steps taken.
    pub steps: usize,
    /// Positive-frame Dice on the batch at the end, with running statistics.
    pub dice_positive: f64,
}

/// Trains on one batch of positive cases, unvaried, for `steps` steps.
///
/// # Errors
///
/// [`TrainError::OverfitFailed`] if the loss does not halve or the batch is not reproduced with a
/// Dice of 0.8: then the settings or the data are at fault, and hours of training would not help.
pub fn overfit_one_batch(
    config: &TrainConfig,
    dataset: &Dataset,
    device: &OpenDevice,
    steps: usize,
    progress: &mut dyn FnMut(usize, f32),
) -> Result<Overfit> {
    config.validate()?;
    let mut positives = Vec::new();
    for entry in spread(dataset.cases(), 4 * config.batch_size) {
        if positives.len() < config.batch_size && entry.is_positive()? == Some(true) {
            positives.push(entry.case_id);
        }
    }
    if positives.is_empty() {
        let hint = "one batch of frames with a nerve is needed, and none was found";
        return Err(TrainError::EmptyPart {
            part: "train",
            hint,
        });
    }
    let samples = load_samples(dataset, &positives, &config.preprocess, &|_| {})?;
    let training = device.device.clone().autodiff();
    // changes no step, but statistics that lag behind would look like a network that cannot learn
    let shape = UNetConfig {
        norm_momentum: config.unet.norm_momentum.max(0.1),
        ..config.unet.clone()
    };
    let mut unet = shape.init(config.seed, &training)?;
    let mut adam = NamedAdam::new(config.adam_epsilon);
    let batch = Batch::plain(&samples, &config.preprocess).to_device(&training);
    let (mut first_loss, mut last_loss) = (f32::NAN, f32::NAN);
    for index in 0..steps {
        let moment = Moment {
            epoch: 1,
            step: index,
            learning_rate: config.learning_rate,
        };
        let stepped = step(unet, &mut adam, batch.clone(), config, moment)?;
        (unet, last_loss) = (stepped.unet, stepped.loss);
        if index == 0 {
            first_loss = last_loss;
        }
        progress(index + 1, last_loss);
    }
    let unet = burn::module::Module::valid(&unet);
    let tally = validate(&unet, &samples, config, &device.device)?;
    let dice = tally.dice_positive().unwrap_or_default();
    if dice < 0.8 || last_loss > first_loss / 2.0 {
        return Err(TrainError::OverfitFailed {
            first: first_loss,
            last: last_loss,
            steps,
            dice,
        });
    }
    let cases = positives.iter().map(ToString::to_string).collect();
    Ok(Overfit {
        cases,
        first_loss,
        last_loss,
        steps,
        dice_positive: dice,
    })
}

/// Up to `count` entries, evenly spread, so that they come from many subjects.
fn spread(entries: &[CaseEntry], count: usize) -> impl Iterator<Item = &CaseEntry> {
    entries
        .iter()
        .step_by((entries.len() / count.max(1)).max(1))
}
