//! Sums over the cases of an epoch, and the scores that follow from them.

use burn::tensor::Tensor;
use nerveseg_metrics::Counts;
use nerveseg_model::to_host;
use serde::{Deserialize, Serialize};

use crate::batch::Batch;
use crate::error::Result;

/// Running sums behind an [`EpochRecord`](crate::EpochRecord); part of a checkpoint.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Tally {
    cases: usize,
    positives: usize,
    empties: usize,
    pixels: usize,
    loss: f64,
    dice: f64,
    dice_positive: f64,
    right_pixels: usize,
    found: usize,
    left_empty: usize,
}

impl Tally {
    /// Adds the mean loss of `cases` cases.
    pub(crate) fn add_loss(&mut self, loss: f64, cases: usize) {
        self.loss += loss * cases as f64;
    }

    /// Adds one case, with the Kaggle rule for empty masks.
    pub(crate) fn add_case(
        &mut self,
        prediction: impl Iterator<Item = bool>,
        truth: impl Iterator<Item = bool>,
    ) {
        let counts = Counts::of_pixels(prediction.zip(truth));
        let dice = counts.dice().unwrap_or(1.0);
        self.cases += 1;
        self.dice += dice;
        self.right_pixels += (counts.tp + counts.tn) as usize;
        self.pixels += (counts.tp + counts.fp + counts.fn_ + counts.tn) as usize;
        if counts.n_ref() > 0 {
            self.positives += 1;
            self.dice_positive += dice;
            self.found += usize::from(counts.n_pred() > 0);
        } else {
            self.empties += 1;
            self.left_empty += usize::from(counts.n_pred() == 0);
        }
    }

    /// Adds a training batch: its loss and its logits, `[batch, 1, height, width]`, uncut.
    ///
    /// # Errors
    ///
    /// Fails if the device fails.
    pub(crate) fn add_batch(&mut self, logits: Tensor<4>, batch: &Batch, loss: f32) -> Result<()> {
        let logits = to_host(logits.inner())?;
        let targets = batch.targets.as_slice::<f32>().expect("targets are f32");
        let [cases, _, height, width] = batch.targets.shape().dims();
        let size = height * width;
        for (logits, targets) in logits.chunks(size).zip(targets.chunks(size)) {
            let predicted = logits.iter().map(|&x| x >= 0.0);
            self.add_case(predicted, targets.iter().map(|&t| t >= 0.5));
        }
        self.add_loss(loss.into(), cases);
        Ok(())
    }

    /// Cases so far.
    pub fn cases(&self) -> usize {
        self.cases
    }

    /// Positive frames so far.
    pub fn positives(&self) -> usize {
        self.positives
    }

    /// Mean loss.
    pub fn loss(&self) -> f64 {
        self.loss / self.cases.max(1) as f64
    }

    /// Mean Dice with the Kaggle rule.
    pub fn dice_mean(&self) -> f64 {
        self.dice / self.cases.max(1) as f64
    }

    /// Mean Dice over positive frames.
    pub fn dice_positive(&self) -> Option<f64> {
        share(self.dice_positive, self.positives)
    }

    /// Share of pixels labelled right.
    pub fn pixel_accuracy(&self) -> f64 {
        self.right_pixels as f64 / self.pixels.max(1) as f64
    }

    /// Share of positive frames in which something was found.
    pub fn sensitivity(&self) -> Option<f64> {
        share(self.found as f64, self.positives)
    }

    /// Share of empty frames that were left empty.
    pub fn specificity(&self) -> Option<f64> {
        share(self.left_empty as f64, self.empties)
    }

    /// What predicting nothing scores: the share of empty frames.
    pub fn all_empty_dice_mean(&self) -> f64 {
        self.empties as f64 / self.cases.max(1) as f64
    }
}

fn share(part: f64, whole: usize) -> Option<f64> {
    (whole > 0).then(|| part / whole as f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tally_follows_the_kaggle_rule() {
        let mut tally = Tally::default();
        tally.add_case(
            [true, true, false].into_iter(),
            [true, false, false].into_iter(),
        );
        tally.add_case([false; 3].into_iter(), [false; 3].into_iter());
        tally.add_case([true, false, false].into_iter(), [false; 3].into_iter());

        assert!((tally.dice_mean() - (2.0 / 3.0 + 1.0 + 0.0) / 3.0).abs() < 1e-12);
        assert!((tally.dice_positive().unwrap() - 2.0 / 3.0).abs() < 1e-12);
        assert_eq!(
            (tally.sensitivity(), tally.specificity()),
            (Some(1.0), Some(0.5))
        );
        assert!((tally.all_empty_dice_mean() - 2.0 / 3.0).abs() < 1e-12);
    }

    #[test]
    fn without_empties_there_is_no_specificity() {
        let mut tally = Tally::default();
        tally.add_case([true].into_iter(), [true].into_iter());

        assert_eq!(tally.specificity(), None);
    }
}
