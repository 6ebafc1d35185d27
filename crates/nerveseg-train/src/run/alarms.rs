//! Results that look like results and are none.

use nerveseg_data::CaseId;
use serde::Serialize;

use super::record::EpochRecord;
use crate::config::TrainConfig;

/// Epochs of finding nothing before a network counts as collapsed.
const COLLAPSE_EPOCHS: usize = 5;

/// Something that makes a run's scores worthless or suspect.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "snake_case", tag = "kind")]
pub enum Alarm {
    /// The network finds nothing in any positive validation frame.
    CollapseToEmpty {
        /// Epoch in which it was noticed, from 1.
        epoch: u32,
    },
    /// Positive-frame Dice beyond what honest networks reach on this data.
    TooGoodToBeTrue {
        /// Epoch in which it was noticed, from 1.
        epoch: u32,
        /// Validation Dice over positive frames.
        dice: f64,
        /// The limit.
        limit: f64,
    },
    /// The split lets subjects leak from training into validation.
    FrameSplit {
        /// How many subjects are in both.
        subjects: usize,
    },
    /// No validation frame shows a nerve.
    NothingToWatch {
        /// How many validation frames there are.
        frames: usize,
    },
    /// Masks cover more than half of their frames.
    LargeMasks {
        /// Those of which they are.
        cases: Vec<CaseId>,
    },
}

impl std::fmt::Display for Alarm {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::CollapseToEmpty { epoch } => write!(
                f,
                "collapse: by epoch {epoch} the network finds nothing in any positive frame; \
                 try a Dice term in the loss or a lower learning rate"
            ),
            Self::TooGoodToBeTrue { epoch, dice, limit } => write!(
                f,
                "leak? validation Dice {dice:.3} in epoch {epoch} is above {limit:.2}, which honest \
                 networks do not reach on nerves of unseen subjects (on phantoms they do)"
            ),
            Self::FrameSplit { subjects } => write!(
                f,
                "leak: split by frame, {subjects} subjects are in training and validation; \
                 these scores say nothing about unseen people"
            ),
            Self::NothingToWatch { frames } => write!(
                f,
                "none of the {frames} validation frames shows a nerve: early stopping on Dice has \
                 nothing to watch"
            ),
            Self::LargeMasks { cases } => {
                let named: Vec<String> = cases.iter().take(5).map(CaseId::to_string).collect();
                let more = if cases.len() > named.len() {
                    ", …"
                } else {
                    ""
                };
                write!(
                    f,
                    "masks of {} frames cover more than half of the frame, which no nerve does: \
                     {}{more}; are they inverted?",
                    cases.len(),
                    named.join(", ")
                )
            }
        }
    }
}

impl Alarm {
    /// Whether a run that ends with this alarm has failed.
    pub fn is_failure(&self) -> bool {
        matches!(self, Self::CollapseToEmpty { .. })
    }

    /// Whether both say the same, if in different epochs.
    pub(crate) fn is_like(&self, other: &Self) -> bool {
        std::mem::discriminant(self) == std::mem::discriminant(other)
    }

    /// What the epochs so far give rise to.
    pub fn of(history: &[EpochRecord], config: &TrainConfig) -> Vec<Self> {
        let mut alarms = Vec::new();
        let silent = history
            .iter()
            .rev()
            .take_while(|r| r.val_sensitivity == Some(0.0))
            .count();
        if let Some(last) = history.last()
            && silent >= COLLAPSE_EPOCHS.min(config.epochs as usize)
        {
            alarms.push(Self::CollapseToEmpty { epoch: last.epoch });
        }
        let suspicious = history.iter().find_map(|record| {
            let with_empties = record.val_all_empty_dice_mean > 0.0;
            let limit = config
                .leak_alarm_dice
                .unwrap_or(if with_empties { 0.80 } else { 0.88 });
            let dice = record.val_dice_positive.filter(|&dice| dice > limit)?;
            Some(Self::TooGoodToBeTrue {
                epoch: record.epoch,
                dice,
                limit,
            })
        });
        alarms.extend(suspicious);
        alarms
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(epoch: u32, sensitivity: f64, dice: f64, empties: f64) -> EpochRecord {
        EpochRecord {
            epoch,
            learning_rate: 1e-3,
            train_loss: 0.1,
            train_dice_positive: None,
            train_pixel_accuracy: 0.98,
            val_loss: 0.1,
            val_dice_mean: dice,
            val_dice_positive: Some(dice),
            val_pixel_accuracy: 0.98,
            val_sensitivity: Some(sensitivity),
            val_specificity: None,
            val_all_empty_dice_mean: empties,
            best: false,
        }
    }

    fn alarms(history: &[EpochRecord]) -> Vec<Alarm> {
        Alarm::of(history, &TrainConfig::standard())
    }

    #[test]
    fn five_silent_epochs_are_a_collapse_and_four_are_not() {
        let silent: Vec<EpochRecord> = (1..=5).map(|epoch| record(epoch, 0.0, 0.0, 0.5)).collect();

        assert_eq!(alarms(&silent[..4]), []);
        assert_eq!(alarms(&silent), [Alarm::CollapseToEmpty { epoch: 5 }]);
    }

    #[test]
    fn a_network_that_recovered_did_not_collapse() {
        let mut history: Vec<EpochRecord> =
            (1..=3).map(|epoch| record(epoch, 0.0, 0.0, 0.5)).collect();
        history.push(record(4, 0.8, 0.5, 0.5));

        assert_eq!(alarms(&history), []);
    }

    #[test]
    fn the_limit_is_higher_where_presence_is_given_away() {
        assert_eq!(alarms(&[record(1, 1.0, 0.85, 0.0)]), []);
        assert!(matches!(
            alarms(&[record(1, 1.0, 0.85, 0.5)])[..],
            [Alarm::TooGoodToBeTrue { .. }]
        ));
        assert!(matches!(
            alarms(&[record(1, 1.0, 0.89, 0.0)])[..],
            [Alarm::TooGoodToBeTrue { .. }]
        ));
    }
}
