//! Which epoch is best, when the learning rate falls, when to stop: one small state machine.

use serde::{Deserialize, Serialize};

use crate::config::{EarlyStopConfig, Metric, OneCycleConfig, PlateauConfig};

/// Reduce-on-plateau and early stopping on one metric; part of a checkpoint.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Monitor {
    best: Option<f64>,
    since_best: u32,
    since_change: u32,
    learning_rate: f64,
}

impl Monitor {
    /// Starts with `learning_rate`.
    pub fn new(learning_rate: f64) -> Self {
        Self {
            best: None,
            since_best: 0,
            since_change: 0,
            learning_rate,
        }
    }

    /// Learning rate of the current epoch.
    pub fn learning_rate(&self) -> f64 {
        self.learning_rate
    }

    /// Best value so far.
    pub fn best(&self) -> Option<f64> {
        self.best
    }

    /// Whether the patience of `early_stop` is used up.
    pub fn is_exhausted(&self, early_stop: &EarlyStopConfig) -> bool {
        self.since_best >= early_stop.patience
    }

    /// Takes the value of one more epoch and says whether it is the best so far; `None` (a metric
    /// that cannot be computed) never is.
    pub fn observe(
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

impl OneCycleConfig {
    /// Learning rate of one step.
    ///
    /// `progress` is the share of the run's steps that were taken before it, in `[0, 1]`.
    pub fn learning_rate(&self, peak: f64, progress: f64) -> f64 {
        let height = if progress < self.warm_up {
            progress / self.warm_up
        } else {
            let fall = (progress - self.warm_up) / (1.0 - self.warm_up).max(f64::MIN_POSITIVE);
            f64::midpoint(1.0, (std::f64::consts::PI * fall.min(1.0)).cos())
        };
        peak * (self.end + (1.0 - self.end) * height)
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
    fn one_cycle_rises_to_the_peak_and_falls_to_its_end() {
        let cycle = OneCycleConfig {
            warm_up: 0.25,
            end: 0.1,
        };
        let rate = |progress| cycle.learning_rate(2.0, progress);

        let expected = [
            (0.0, 0.2),
            (0.125, 1.1),
            (0.25, 2.0),
            (0.625, 1.1),
            (1.0, 0.2),
        ];
        for (progress, value) in expected {
            assert!((rate(progress) - value).abs() < 1e-12, "{progress}");
        }
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
