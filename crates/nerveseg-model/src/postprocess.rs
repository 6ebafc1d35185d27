//! From what the network says to a mask: calibration, threshold, presence gate, regions.

use ndarray::{Array2, ArrayView2, CowArray, Ix2};
use nerveseg_data::Mask;
use nerveseg_data::mask::{Component, Components};
use serde::{Deserialize, Serialize};

use crate::presence::{PresenceRule, PresenceState, logit, sigmoid};
use crate::{ModelError, Preprocess, RawPrediction, Result, Segmentation};

/// From probabilities to a mask. The steps run in the order of the fields.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Postprocess {
    /// The logits of all pixels are divided by this (temperature scaling, Guo et al., 2017,
    /// arXiv:1706.04599); 1 leaves them as they are.
    #[serde(default = "one")]
    pub temperature: f32,
    /// A pixel belongs to the nerve from this probability on.
    pub threshold: f32,
    /// How presence comes out of the head and the map.
    #[serde(default)]
    pub presence: PresenceRule,
    /// Below this presence the mask is emptied; 0 turns the gate off.
    pub presence_threshold: f32,
    /// From this presence on a nerve counts as found; between the two a person has to look.
    #[serde(default)]
    pub presence_sure: f32,
    /// Regions smaller than this fraction of the image's pixels are dropped; 0 keeps all.
    pub min_area_fraction: f64,
    /// Only the largest region is kept.
    pub keep_largest_component: bool,
}

/// Serde takes a function and no number.
fn one() -> f32 {
    1.0
}

impl Default for Postprocess {
    fn default() -> Self {
        Self {
            temperature: 1.0,
            threshold: 0.5,
            presence: PresenceRule::default(),
            presence_threshold: 0.0,
            presence_sure: 0.0,
            min_area_fraction: 0.0,
            keep_largest_component: false,
        }
    }
}

impl Postprocess {
    /// Checks that every number is one that makes sense.
    ///
    /// # Errors
    ///
    /// [`ModelError::InvalidConfig`] names the number that is not in `[0, 1]`.
    pub fn validate(&self) -> Result<()> {
        let numbers = [
            ("threshold", f64::from(self.threshold)),
            ("presence_threshold", f64::from(self.presence_threshold)),
            ("presence_sure", f64::from(self.presence_sure)),
            ("min_area_fraction", self.min_area_fraction),
        ];
        if let Some((name, value)) = numbers
            .iter()
            .find(|(_, value)| !(0.0..=1.0).contains(value))
        {
            return Err(ModelError::InvalidConfig(format!(
                "`{name}` is {value}, expected [0, 1]"
            )));
        }
        if !(0.01..=100.0).contains(&self.temperature) {
            return Err(ModelError::InvalidConfig(format!(
                "`temperature` is {}, expected 0.01 to 100",
                self.temperature
            )));
        }
        let PresenceRule { head, core, bias } = self.presence;
        if ![head, core, bias].iter().all(|weight| weight.is_finite()) {
            return Err(ModelError::InvalidConfig(format!(
                "`presence` has the weights {head}, {core} and {bias}, expected finite numbers"
            )));
        }
        Ok(())
    }

    /// From what the network says about an image to the mask at the image's own size: calibrates,
    /// resizes, weighs the evidence of presence, and cuts.
    ///
    /// `raw` speaks of the image alone, without what lay around it in the network's input; `size` is
    /// `[height, width]` of the image.
    pub fn apply(&self, raw: &RawPrediction, size: [usize; 2]) -> Segmentation {
        let (probabilities, presence) = self.opinion(raw, size);
        self.cut(probabilities, presence)
    }

    /// Calibrated probabilities of an image of `size`, `[height, width]`, and its presence.
    pub(crate) fn opinion(&self, raw: &RawPrediction, size: [usize; 2]) -> (Array2<f32>, f32) {
        let map = self.calibrated(raw.probabilities.view());
        let probabilities = Preprocess::restore(map.view(), size);
        (probabilities, self.presence.score(raw.evidence))
    }

    /// Cuts the mask out of calibrated probabilities of an image at its own size.
    pub(crate) fn cut(&self, probabilities: Array2<f32>, presence: f32) -> Segmentation {
        let (mask, components) = self.regions(probabilities.view(), presence);
        let area_px = components.iter().map(|component| component.area_px).sum();
        Segmentation {
            probabilities,
            mask,
            presence,
            presence_state: self.state(presence, area_px == 0),
            objection: None,
            area_px,
            area_mm2: None,
            components,
        }
    }

    /// Calibrates the probabilities of one map.
    ///
    /// # Shapes
    ///
    /// - `probabilities` and output: `[height, width]`
    pub fn calibrated<'a>(&self, probabilities: ArrayView2<'a, f32>) -> CowArray<'a, f32, Ix2> {
        if (self.temperature - 1.0).abs() < f32::EPSILON {
            return probabilities.into();
        }
        let calibrate = |&p: &f32| sigmoid(logit(p) / self.temperature);
        probabilities.map(calibrate).into()
    }

    /// Whether an image of this presence keeps its mask.
    pub fn passes(&self, presence: f32) -> bool {
        presence >= self.presence_threshold
    }

    /// What is said about an image with this presence and this mask.
    fn state(&self, presence: f32, mask_is_empty: bool) -> PresenceState {
        let sure = self.presence_sure.max(self.presence_threshold);
        match (presence >= sure, mask_is_empty) {
            // the witnesses disagree
            (true, true) if self.presence_sure > 0.0 => PresenceState::Unsure,
            (_, true) => PresenceState::NoNerve,
            (true, false) => PresenceState::Nerve,
            (false, false) => PresenceState::Unsure,
        }
    }

    /// Cuts the mask out of the probabilities of one image at its original size; with its regions.
    ///
    /// # Shapes
    ///
    /// - `probabilities` and mask: `[height, width]`
    fn regions(&self, probabilities: ArrayView2<'_, f32>, presence: f32) -> (Mask, Vec<Component>) {
        if !self.passes(presence) {
            let empty = Array2::from_elem(probabilities.dim(), false);
            return (empty, Vec::new());
        }
        let mask = probabilities.mapv(|p| p >= self.threshold);
        let components = Components::of(mask.view());
        let min_area = self.min_area_fraction * mask.len() as f64;
        if min_area <= 0.0 && !self.keep_largest_component {
            return (mask, components.list);
        }
        let largest = components.largest();
        let keep = |component: &Component| {
            component.area_px as f64 >= min_area
                && (!self.keep_largest_component
                    || largest.is_some_and(|largest| std::ptr::eq(component, largest)))
        };
        let mask = components.retain(keep);
        let kept = components.list.iter().filter(|component| keep(component));
        (mask, kept.cloned().collect())
    }
}

#[cfg(test)]
mod tests {
    use ndarray::array;

    use super::*;
    use crate::PresenceEvidence;

    fn probabilities() -> Array2<f32> {
        array![
            [0.9, 0.9, 0.0, 0.0, 0.7],
            [0.9, 0.4, 0.0, 0.0, 0.6],
            [0.0, 0.0, 0.0, 0.0, 0.0]
        ]
    }

    /// What a network says whose presence head says `head`.
    fn raw(head: f32) -> RawPrediction {
        let probabilities = probabilities();
        RawPrediction {
            evidence: PresenceEvidence::new(probabilities.view(), Some(head)),
            probabilities,
        }
    }

    fn count(postprocess: &Postprocess, presence: f32) -> usize {
        let mask = postprocess.apply(&raw(presence), [3, 5]).mask;
        mask.iter().filter(|&&m| m).count()
    }

    #[test]
    fn a_pixel_at_the_threshold_belongs_to_the_nerve() {
        assert_eq!(count(&Postprocess::default(), 1.0), 5);
        assert_eq!(
            count(
                &Postprocess {
                    threshold: 0.4,
                    ..Postprocess::default()
                },
                1.0
            ),
            6
        );
    }

    #[test]
    fn low_presence_empties_the_mask() {
        let gate = Postprocess {
            presence_threshold: 0.5,
            ..Postprocess::default()
        };

        assert_eq!((count(&gate, 0.49), count(&gate, 0.5)), (0, 5));
    }

    #[test]
    fn small_regions_are_dropped_and_the_largest_is_kept() {
        let small = Postprocess {
            min_area_fraction: 2.5 / 15.0,
            ..Postprocess::default()
        };
        let largest = Postprocess {
            keep_largest_component: true,
            ..Postprocess::default()
        };

        assert_eq!((count(&small, 1.0), count(&largest, 1.0)), (3, 3));
    }

    #[test]
    fn temperature_softens_without_moving_a_half() {
        let soft = Postprocess {
            temperature: 2.0,
            ..Postprocess::default()
        };

        let map = array![[0.5, 0.8, 0.2]];
        let calibrated = soft.calibrated(map.view());

        // 1 / (1 + √(0.2 / 0.8))
        let expected = [0.5, 2.0 / 3.0, 1.0 / 3.0];
        for (value, expected) in calibrated.iter().zip(expected) {
            assert!((value - expected).abs() < 1e-6, "{calibrated}");
        }
    }

    #[test]
    fn the_threshold_is_one_of_calibrated_probabilities() {
        let hard = |temperature| Postprocess {
            temperature,
            threshold: 0.85,
            ..Postprocess::default()
        };

        // 0.9 at temperature 2 is 0.75
        assert_eq!((count(&hard(1.0), 1.0), count(&hard(2.0), 1.0)), (3, 0));
    }

    #[test]
    fn mask_and_probabilities_come_at_the_size_that_is_asked_for() {
        let found = Postprocess::default().apply(&raw(1.0), [9, 11]);

        assert_eq!(
            (found.mask.dim(), found.probabilities.dim()),
            ((9, 11), (9, 11))
        );
        assert_eq!(found.area_px, found.mask.iter().filter(|&&m| m).count());
    }

    #[test]
    fn between_the_two_thresholds_a_person_has_to_look() {
        let gate = Postprocess {
            presence_threshold: 0.3,
            presence_sure: 0.7,
            ..Postprocess::default()
        };

        assert_eq!(gate.state(0.2, true), PresenceState::NoNerve);
        assert_eq!(gate.state(0.5, false), PresenceState::Unsure);
        assert_eq!(gate.state(0.7, false), PresenceState::Nerve);
        assert_eq!(gate.state(0.9, true), PresenceState::Unsure);
    }

    #[test]
    fn a_threshold_that_is_no_probability_is_refused() {
        let error = Postprocess {
            threshold: f32::NAN,
            ..Postprocess::default()
        }
        .validate();

        assert!(
            error
                .unwrap_err()
                .to_string()
                .contains("`threshold` is NaN")
        );
    }
}
