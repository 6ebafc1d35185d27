//! Is there a nerve at all? A score from two witnesses, and an answer with three values.

use ndarray::ArrayView2;
use serde::{Deserialize, Serialize};

/// Share of the pixels, the likeliest, that speak for the map: as many as a small nerve has
/// (the smallest of UNS covers 1.1 %, the median 2.9 %).
const CORE: f64 = 0.0125;

/// Probabilities are kept this far from 0 and 1, so that their logits stay finite.
const MARGIN: f32 = 1e-6;

/// What is said about an image.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PresenceState {
    /// A nerve was found.
    Nerve,
    /// No nerve was found: the mask is empty.
    NoNerve,
    /// There may be a nerve: a person has to look.
    Unsure,
}

impl PresenceState {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Nerve, Self::NoNerve, Self::Unsure];

    /// Its name in answers and tables, as it is serialised.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Nerve => "nerve",
            Self::NoNerve => "no_nerve",
            Self::Unsure => "unsure",
        }
    }
}

/// What the network offers on the question whether there is a nerve.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PresenceEvidence {
    /// Score of the presence head, 0 to 1, for networks that have one.
    pub head: Option<f32>,
    /// Mean probability of the likeliest pixels, as many as a small nerve has.
    pub core: f32,
}

/// Weighs the evidence: `σ(head·logit(head) + core·logit(core) + bias)` (Platt, 1999).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PresenceRule {
    /// Weight of the presence head; without a head the map stands in for it.
    pub head: f32,
    /// Weight of the map.
    pub core: f32,
    /// Added to both.
    pub bias: f32,
}

impl Default for PresenceRule {
    /// The head alone, as it was trained.
    fn default() -> Self {
        Self {
            head: 1.0,
            core: 0.0,
            bias: 0.0,
        }
    }
}

impl PresenceEvidence {
    /// Takes the evidence of a map and of the presence head.
    ///
    /// # Shapes
    ///
    /// - `probabilities`: `[height, width]`
    pub fn new(probabilities: ArrayView2<'_, f32>, head: Option<f32>) -> Self {
        Self {
            head,
            core: core(probabilities),
        }
    }

    /// Logits of the head (of the map, without one) and of the map.
    pub fn logits(&self) -> [f32; 2] {
        [logit(self.head.unwrap_or(self.core)), logit(self.core)]
    }
}

impl PresenceRule {
    /// How much speaks for a nerve, 0 to 1: a score and no probability, for frames without a nerve
    /// are too rare to calibrate one.
    pub fn score(&self, evidence: PresenceEvidence) -> f32 {
        let [head, core] = evidence.logits();
        sigmoid(self.head * head + self.core * core + self.bias)
    }
}

/// Logit of a probability, which is first moved off 0 and 1.
pub(crate) fn logit(p: f32) -> f32 {
    let p = p.clamp(MARGIN, 1.0 - MARGIN);
    (p / (1.0 - p)).ln()
}

/// Logistic function.
pub(crate) fn sigmoid(x: f32) -> f32 {
    1.0 / (1.0 + (-x).exp())
}

/// Mean of the likeliest pixels; 0 for a map without pixels.
fn core(probabilities: ArrayView2<'_, f32>) -> f32 {
    let mut values: Vec<f32> = probabilities.iter().copied().collect();
    if values.is_empty() {
        return 0.0;
    }
    let count = ((CORE * values.len() as f64).round() as usize).clamp(1, values.len());
    values.select_nth_unstable_by(count - 1, |a, b| b.total_cmp(a));
    values[..count].iter().sum::<f32>() / count as f32
}

#[cfg(test)]
mod tests {
    use ndarray::Array2;

    use super::*;

    /// 40×40 pixels, `count` of them likely.
    fn map(count: usize) -> Array2<f32> {
        Array2::from_shape_fn(
            (40, 40),
            |(r, c)| if r * 40 + c < count { 0.9 } else { 0.1 },
        )
    }

    #[test]
    fn the_core_is_as_large_as_a_small_nerve() {
        // 1.25 % of 1600 pixels are 20
        let core = |count| PresenceEvidence::new(map(count).view(), None).core;

        assert!((core(20) - 0.9).abs() < 1e-6);
        assert!((core(10) - 0.5).abs() < 1e-6);
        assert!((core(0) - 0.1).abs() < 1e-6);
    }

    #[test]
    fn the_default_believes_the_head_and_without_one_the_map() {
        let score = |head| {
            let evidence = PresenceEvidence::new(map(20).view(), head);
            PresenceRule::default().score(evidence)
        };

        assert!((score(Some(0.2)) - 0.2).abs() < 1e-6);
        assert!((score(None) - 0.9).abs() < 1e-5);
    }

    #[test]
    fn witnesses_add_up_in_logits_and_certainty_stays_finite() {
        let rule = PresenceRule {
            head: 0.5,
            core: 0.5,
            bias: 1.0,
        };
        let evidence = |head, core| PresenceEvidence {
            head: Some(head),
            core,
        };

        let p = rule.score(evidence(0.9, 0.1));

        assert!((p - sigmoid(1.0)).abs() < 1e-6);
        assert!(rule.score(evidence(1.0, 1.0)).is_finite());
        assert!(rule.score(evidence(0.0, 0.0)) > 0.0);
    }
}
