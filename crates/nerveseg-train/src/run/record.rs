//! One line of `metrics.jsonl`.

use serde::{Deserialize, Serialize};

use super::tally::Tally;
use crate::optim::Metric;

/// Scores of one epoch at the network's size; what cannot be computed is `null`.
///
/// Nothing here depends on the clock, so a resumed run writes the same lines.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct EpochRecord {
    /// Epoch, from 1.
    pub epoch: u32,
    /// Learning rate of its steps.
    pub learning_rate: f64,
    /// Mean training loss, over varied images and changing weights.
    pub train_loss: f64,
    /// Mean training Dice over positive frames, likewise.
    pub train_dice_positive: Option<f64>,
    /// Share of training pixels on the right side of 0.5, likewise.
    pub train_pixel_accuracy: f64,
    /// Mean validation loss.
    pub val_loss: f64,
    /// Mean per-image validation Dice with the Kaggle rule for empties, post-processing on.
    pub val_dice_mean: f64,
    /// Mean validation Dice over positive frames, post-processing on.
    pub val_dice_positive: Option<f64>,
    /// Share of validation pixels on the right side of 0.5.
    pub val_pixel_accuracy: f64,
    /// Share of positive validation frames in which something was found.
    pub val_sensitivity: Option<f64>,
    /// Share of empty validation frames that were left empty.
    pub val_specificity: Option<f64>,
    /// Mean per-image Dice of predicting nothing, for comparison.
    pub val_all_empty_dice_mean: f64,
    /// Whether this is the best epoch so far.
    pub best: bool,
}

impl EpochRecord {
    /// The scores of an epoch, which is not the best until that was found out.
    pub(crate) fn new(epoch: u32, learning_rate: f64, train: &Tally, val: &Tally) -> Self {
        Self {
            epoch,
            learning_rate,
            train_loss: train.loss(),
            train_dice_positive: train.dice_positive(),
            train_pixel_accuracy: train.pixel_accuracy(),
            val_loss: val.loss(),
            val_dice_mean: val.dice_mean(),
            val_dice_positive: val.dice_positive(),
            val_pixel_accuracy: val.pixel_accuracy(),
            val_sensitivity: val.sensitivity(),
            val_specificity: val.specificity(),
            val_all_empty_dice_mean: val.all_empty_dice_mean(),
            best: false,
        }
    }

    /// The value that decides which epoch is best.
    pub(crate) fn metric(&self, metric: Metric) -> Option<f64> {
        match metric {
            Metric::ValLoss => Some(self.val_loss),
            Metric::ValDiceMean => Some(self.val_dice_mean),
            Metric::ValDicePositive => self.val_dice_positive,
            Metric::Latest => Some(f64::from(self.epoch)),
        }
    }
}
