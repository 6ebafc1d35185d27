use std::fmt;

use serde::{Deserialize, Serialize};

/// What an interval of a difference allows to say.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// The whole interval lies above 0.
    Better,
    /// The whole interval lies below 0.
    Worse,
    /// The interval holds 0, or there is none.
    CannotTell,
}

impl Verdict {
    fn of(ci95: Option<[f64; 2]>) -> Self {
        match ci95 {
            Some([low, _]) if low > 0.0 => Self::Better,
            Some([_, high]) if high < 0.0 => Self::Worse,
            _ => Self::CannotTell,
        }
    }

    /// In words.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Better => "better",
            Self::Worse => "worse",
            Self::CannotTell => "cannot tell",
        }
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// One score of two predictors of the same cases.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Difference {
    /// Score of the first.
    pub a: Option<f64>,
    /// Score of the second.
    pub b: Option<f64>,
    /// `b − a`, where both are defined.
    pub difference: Option<f64>,
    /// 95 % interval of the difference, by bootstrap over subjects, both scored on the same draws.
    pub ci95: Option<[f64; 2]>,
    /// What the interval says of the second.
    pub verdict: Verdict,
}

impl Difference {
    pub(crate) fn new(a: Option<f64>, b: Option<f64>, ci95: Option<[f64; 2]>) -> Self {
        Self {
            a,
            b,
            difference: subtract(b, a),
            ci95,
            verdict: Verdict::of(ci95),
        }
    }
}

/// `b − a`, where both are defined.
pub(crate) fn subtract(b: Option<f64>, a: Option<f64>) -> Option<f64> {
    Some(b? - a?)
}

/// Scores of two predictors of the same cases, side by side. For each, more is better.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Differences {
    /// Mean Dice over frames with a nerve.
    pub dice_positive: Difference,
    /// The same with the presence gate open.
    pub dice_positive_gate_open: Difference,
    /// Mean Dice over all frames: the Kaggle score.
    pub dice_mean: Difference,
    /// Area under the ROC curve of presence.
    pub presence_auc: Difference,
    /// Share of frames with a nerve whose mask is not empty.
    pub presence_sensitivity: Difference,
    /// Share of frames without a nerve whose mask is empty.
    pub presence_specificity: Difference,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_interval_that_holds_zero_decides_nothing() {
        for (ci95, verdict) in [
            (Some([0.01, 0.02]), Verdict::Better),
            (Some([-0.02, -0.01]), Verdict::Worse),
            (Some([-0.01, 0.02]), Verdict::CannotTell),
            (Some([0.0, 0.0]), Verdict::CannotTell),
            (Some([0.0, 0.1]), Verdict::CannotTell),
            (None, Verdict::CannotTell),
        ] {
            assert_eq!(Verdict::of(ci95), verdict, "{ci95:?}");
        }
    }
}
