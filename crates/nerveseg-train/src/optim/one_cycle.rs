//! The learning rate over a whole run: one rise and one fall.

use serde::{Deserialize, Serialize};

use crate::number::Number;

/// One rise and one fall of the learning rate (Smith & Topin, 2019, arXiv:1708.07120).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct OneCycleConfig {
    /// Share of all steps in which the learning rate rises to its peak in a straight line.
    pub warm_up: f64,
    /// The learning rate starts and ends, along a cosine, at this share of its peak.
    pub end: f64,
}

impl Default for OneCycleConfig {
    fn default() -> Self {
        Self {
            warm_up: 0.2,
            end: 0.01,
        }
    }
}

impl OneCycleConfig {
    /// Its settings and what they may be.
    pub(crate) fn numbers(&self) -> Vec<Number> {
        vec![
            ("warm_up", self.warm_up, 0.0..=1.0),
            ("end", self.end, 0.0..=1.0),
        ]
    }

    /// Learning rate of one step.
    ///
    /// `progress` is the share of the run's steps that were taken before it, in `[0, 1]`.
    pub(crate) fn learning_rate(&self, peak: f64, progress: f64) -> f64 {
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
}
