//! How presence follows from the presence head and the map, and where its three answers begin.

use nerveseg_model::{PresenceRule, RawPrediction};
use serde::Serialize;

use crate::calibrate::logistic::logistic_regression;

/// Presence of the frame with a nerve in the middle of all: where the scale is fixed.
const MIDDLE: f64 = 0.9;

/// One picture that presence is fitted to.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Witness {
    /// Logits of the head and of the map.
    pub(crate) logits: [f64; 2],
    /// Whether there is a nerve.
    pub(crate) present: bool,
    /// Whether it is a frame, and not a part of one.
    pub(crate) whole: bool,
    /// What it counts.
    pub(crate) weight: f64,
}

impl Witness {
    pub(crate) fn new(raw: &RawPrediction, present: bool, whole: bool, weight: f64) -> Self {
        let logits = raw.evidence.logits().map(f64::from);
        Self {
            logits,
            present,
            whole,
            weight,
        }
    }
}

/// What presence gates at one threshold.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct TradeOff {
    /// Presence below which a mask is emptied.
    pub threshold: f32,
    /// Share of frames with a nerve that keep their mask.
    pub sensitivity: f64,
    /// Share of what is empty that loses its mask.
    pub specificity: f64,
}

/// A rule for presence, and what it says about everything that it was fitted to.
///
/// Presence is a score and no probability: empty frames to calibrate it with are too rare. Its scale
/// is that of the frames with a nerve. The threshold is 0.5, half of them have 0.9 or more.
#[derive(Clone, Debug)]
pub(crate) struct PresenceFit {
    pub(crate) rule: PresenceRule,
    /// Logit of presence, whether there is a nerve, weight: lowest first.
    scores: Vec<(f64, bool, f64)>,
}

impl PresenceFit {
    /// Fits the rule to frames and windows, and its scale to the frames with a nerve, of which
    /// `sensitivity` must have 0.5 or more.
    ///
    /// # Panics
    ///
    /// Panics if no frame shows a nerve.
    pub(crate) fn new(witnesses: &[Witness], sensitivity: f64) -> Self {
        let [head, core] = weigh(witnesses);
        let mut scores: Vec<(f64, bool, f64)> = witnesses
            .iter()
            .filter(|w| w.whole || !w.present)
            .map(|w| (head * w.logits[0] + core * w.logits[1], w.present, w.weight))
            .collect();
        scores.sort_by(|a, b| a.0.total_cmp(&b.0));
        let low = exceeded_by(&scores, sensitivity);
        let middle = exceeded_by(&scores, 0.5);
        let scale = (MIDDLE / (1.0 - MIDDLE)).ln() / (middle - low).max(1e-3);
        for (score, ..) in &mut scores {
            *score = (*score - low) * scale;
        }
        let rule = PresenceRule {
            head: (head * scale) as f32,
            core: (core * scale) as f32,
            bias: (-low * scale) as f32,
        };
        Self { rule, scores }
    }

    /// The highest presence that this share of the frames with a nerve reaches.
    pub(crate) fn reached_by(&self, share: f64) -> f32 {
        (1.0 / (1.0 + (-exceeded_by(&self.scores, share)).exp())) as f32
    }

    /// What the threshold does that this share of the frames with a nerve reaches.
    pub(crate) fn trade_off(&self, sensitivity: f64) -> TradeOff {
        let bound = exceeded_by(&self.scores, sensitivity);
        let share = |present: bool, keep: &dyn Fn(f64) -> bool| {
            let (mut kept, mut all) = (0.0, 0.0);
            for &(score, _, weight) in self.scores.iter().filter(|row| row.1 == present) {
                all += weight;
                kept += if keep(score) { weight } else { 0.0 };
            }
            kept / f64::max(all, f64::MIN_POSITIVE)
        };
        TradeOff {
            threshold: self.reached_by(sensitivity),
            sensitivity: share(true, &|score| score >= bound),
            specificity: share(false, &|score| score < bound),
        }
    }
}

/// Weights of the head and of the map: a logistic regression in which none of them speaks against
/// itself. One that would is left out.
fn weigh(witnesses: &[Witness]) -> [f64; 2] {
    let present: Vec<bool> = witnesses.iter().map(|w| w.present).collect();
    let weights: Vec<f64> = witnesses.iter().map(|w| w.weight).collect();
    let fit = |used: [f64; 2]| {
        let logits = |w: &Witness| [0, 1].map(|at| w.logits[at] * used[at]);
        let logits: Vec<[f64; 2]> = witnesses.iter().map(logits).collect();
        let [head, core, _] = logistic_regression(&logits, &present, &weights);
        [head * used[0], core * used[1]]
    };
    match fit([1.0, 1.0]) {
        [head, core] if head < 0.0 && core > 0.0 => fit([0.0, 1.0]),
        [head, core] if core < 0.0 && head > 0.0 => fit([1.0, 0.0]),
        both => both,
    }
}

/// The highest score that this share of the frames with a nerve reaches.
fn exceeded_by(scores: &[(f64, bool, f64)], share: f64) -> f64 {
    let positives = || scores.iter().filter(|row| row.1);
    let mut lost = (1.0 - share) * positives().map(|row| row.2).sum::<f64>();
    for &(score, _, weight) in positives() {
        // a count that is short of a whole one by rounding alone is that whole one
        if lost + 1e-9 * weight < weight {
            return score;
        }
        lost -= weight;
    }
    positives().next_back().expect("a frame with a nerve").0
}

#[cfg(test)]
mod tests {
    use nerveseg_model::PresenceEvidence;

    use super::*;

    /// 100 frames with a nerve, the map surer from one to the next, and windows beside nerves.
    fn fit() -> PresenceFit {
        let frame = |index: u32| Witness {
            logits: [0.0, f64::from(index) / 20.0],
            present: true,
            whole: true,
            weight: 1.0,
        };
        let beside = |index: u32| Witness {
            logits: [0.0, f64::from(index) / 20.0 - 2.0],
            present: false,
            whole: false,
            weight: 1.0,
        };
        let witnesses: Vec<Witness> = (0..100).map(frame).chain((0..50).map(beside)).collect();
        PresenceFit::new(&witnesses, 0.9)
    }

    fn presence(fit: &PresenceFit, logit: f32) -> f32 {
        fit.rule.score(PresenceEvidence {
            head: Some(0.5),
            core: 1.0 / (1.0 + (-logit).exp()),
        })
    }

    #[test]
    fn the_scale_is_that_of_the_frames_with_a_nerve() {
        let fit = fit();

        assert!((presence(&fit, 10.0 / 20.0) - 0.5).abs() < 1e-3);
        assert!((presence(&fit, 50.0 / 20.0) - 0.9).abs() < 1e-3);
        assert!((fit.reached_by(0.9) - 0.5).abs() < 1e-6);
        assert!(fit.reached_by(0.7) > 0.5);
    }

    #[test]
    fn a_stricter_threshold_loses_nerves_and_empties_more() {
        let fit = fit();

        let [lenient, strict] = [0.95, 0.5].map(|sensitivity| fit.trade_off(sensitivity));

        assert!((lenient.sensitivity - 0.95).abs() < 0.011);
        assert!((strict.sensitivity - 0.5).abs() < 0.011);
        assert!(strict.threshold > lenient.threshold);
        assert!(strict.specificity >= lenient.specificity && lenient.specificity > 0.8);
    }
}
