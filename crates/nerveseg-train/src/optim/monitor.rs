//! Which epoch is best, when the learning rate falls, when to stop: one small state machine.

use serde::{Deserialize, Serialize};

use crate::number::{ABOVE_ZERO, Number};

/// Reduce-on-plateau schedule.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct PlateauConfig {
    /// The learning rate is multiplied by this.
    pub factor: f64,
    /// Epochs without improvement of the monitored metric before it is.
    pub patience: u32,
    /// It never falls below this.
    pub min_learning_rate: f64,
}

impl Default for PlateauConfig {
    fn default() -> Self {
        Self {
            factor: 0.3,
            patience: 4,
            min_learning_rate: 1e-5,
        }
    }
}

impl PlateauConfig {
    /// Its settings and what they may be.
    pub(crate) fn numbers(&self) -> Vec<Number> {
        vec![
            ("factor", self.factor, ABOVE_ZERO..=0.999),
            ("patience", self.patience.into(), 1.0..=1e6),
            ("min_learning_rate", self.min_learning_rate, 0.0..=1.0),
        ]
    }
}

/// Which epoch is best and when to stop.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct EarlyStopConfig {
    /// The metric that decides.
    pub metric: Metric,
    /// Epochs without improvement before training stops.
    pub patience: u32,
}

impl Default for EarlyStopConfig {
    fn default() -> Self {
        Self {
            metric: Metric::ValDicePositive,
            patience: 10,
        }
    }
}

impl EarlyStopConfig {
    /// Its settings and what they may be.
    pub(crate) fn numbers(&self) -> Vec<Number> {
        vec![("patience", self.patience.into(), 1.0..=1e6)]
    }
}

/// A validation score that can decide which epoch is best.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Metric {
    /// Validation loss, lower is better.
    ValLoss,
    /// Mean per-image Dice with the Kaggle rule for empties, higher is better.
    ValDiceMean,
    /// Mean Dice over positive frames, higher is better.
    ValDicePositive,
    /// No score: the latest epoch is the best. For one cycle, or where the validation part is too
    /// small to choose by.
    Latest,
}

/// Reduce-on-plateau and early stopping on one metric; part of a checkpoint.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Monitor {
    best: Option<f64>,
    since_best: u32,
    since_change: u32,
    learning_rate: f64,
}

impl Monitor {
    /// Starts with `learning_rate`.
    pub(crate) fn new(learning_rate: f64) -> Self {
        Self {
            best: None,
            since_best: 0,
            since_change: 0,
            learning_rate,
        }
    }

    /// Learning rate of the current epoch.
    pub(crate) fn learning_rate(&self) -> f64 {
        self.learning_rate
    }

    /// Whether the patience of `early_stop` is used up.
    pub(crate) fn is_exhausted(&self, early_stop: &EarlyStopConfig) -> bool {
        self.since_best >= early_stop.patience
    }

    /// Takes the value of one more epoch and says whether it is the best so far; `None` (a metric
    /// that cannot be computed) never is.
    pub(crate) fn observe(
        &mut self,
        value: Option<f64>,
        plateau: &PlateauConfig,
        early_stop: &EarlyStopConfig,
    ) -> bool {
        let improved = value.is_some_and(|value| match (self.best, early_stop.metric) {
            (None, _) => true,
            (Some(best), Metric::ValLoss) => value < best,
            (Some(best), Metric::ValDiceMean | Metric::ValDicePositive | Metric::Latest) => {
                value > best
            }
        });
        if improved {
            self.best = value;
            (self.since_best, self.since_change) = (0, 0);
        } else {
            self.since_best += 1;
            self.since_change += 1;
        }
        if self.since_change >= plateau.patience {
            // a starting rate below the floor stays where it is
            let floor = plateau.min_learning_rate.min(self.learning_rate);
            self.learning_rate = (self.learning_rate * plateau.factor).max(floor);
            self.since_change = 0;
        }
        improved
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Verdict {
        improved: bool,
        learning_rate: f64,
        stop: bool,
    }

    fn run(metric: Metric, values: &[f64]) -> Vec<Verdict> {
        let plateau = PlateauConfig {
            factor: 0.1,
            patience: 2,
            min_learning_rate: 1e-5,
        };
        let early_stop = EarlyStopConfig {
            metric,
            patience: 3,
        };
        let mut monitor = Monitor::new(1e-3);
        values
            .iter()
            .map(|&v| Verdict {
                improved: monitor.observe(Some(v), &plateau, &early_stop),
                learning_rate: monitor.learning_rate(),
                stop: monitor.is_exhausted(&early_stop),
            })
            .collect()
    }

    #[test]
    fn lower_loss_and_higher_dice_improve() {
        let improved = |metric, values: &[f64]| -> Vec<bool> {
            run(metric, values).iter().map(|v| v.improved).collect()
        };

        assert_eq!(
            improved(Metric::ValLoss, &[0.5, 0.4, 0.45]),
            [true, true, false]
        );
        assert_eq!(
            improved(Metric::ValDicePositive, &[0.5, 0.4, 0.55]),
            [true, false, true]
        );
    }

    #[test]
    fn rate_falls_after_patience_and_stops_at_the_floor() {
        let rates: Vec<f64> = run(Metric::ValLoss, &[1.0; 9])
            .iter()
            .map(|v| v.learning_rate)
            .collect();

        assert!((rates[1] - 1e-3).abs() < 1e-12);
        assert!((rates[2] - 1e-4).abs() < 1e-12);
        assert!((rates[8] - 1e-5).abs() < 1e-12);
    }

    #[test]
    fn stops_after_patience_without_improvement() {
        let stops: Vec<bool> = run(Metric::ValLoss, &[1.0, 2.0, 2.0, 2.0])
            .iter()
            .map(|v| v.stop)
            .collect();

        assert_eq!(stops, [false, false, false, true]);
    }

    #[test]
    fn a_metric_that_is_not_a_number_never_improves() {
        assert!(!run(Metric::ValLoss, &[0.5, f64::NAN])[1].improved);
    }
}
