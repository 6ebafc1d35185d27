//! From probabilities to a mask: threshold, presence gate, small regions, largest region.

use ndarray::{Array2, ArrayView2};
use nerveseg_data::Mask;
use serde::{Deserialize, Serialize};

use crate::components::Components;
use crate::{ModelError, Result};

/// From probabilities to a mask. The steps run in the order of the fields.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Postprocess {
    /// A pixel belongs to the nerve from this probability on.
    pub threshold: f32,
    /// Below this presence the mask is emptied; 0 turns the gate off.
    pub presence_threshold: f32,
    /// Regions smaller than this fraction of the image's pixels are dropped; 0 keeps all.
    pub min_area_fraction: f64,
    /// Only the largest region is kept.
    pub keep_largest_component: bool,
}

impl Default for Postprocess {
    fn default() -> Self {
        Self {
            threshold: 0.5,
            presence_threshold: 0.0,
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
            ("min_area_fraction", self.min_area_fraction),
        ];
        match numbers
            .iter()
            .find(|(_, value)| !(0.0..=1.0).contains(value))
        {
            Some((name, value)) => Err(ModelError::InvalidConfig(format!(
                "`{name}` is {value}, expected [0, 1]"
            ))),
            None => Ok(()),
        }
    }

    /// Cuts the mask out of the probabilities of one image at its original size.
    ///
    /// # Shapes
    ///
    /// - `probabilities` and output: `[height, width]`
    pub fn mask(&self, probabilities: ArrayView2<'_, f32>, presence: f32) -> Mask {
        if presence < self.presence_threshold {
            return Array2::from_elem(probabilities.dim(), false);
        }
        let mask = probabilities.mapv(|p| p >= self.threshold);
        let min_area = self.min_area_fraction * mask.len() as f64;
        if min_area <= 0.0 && !self.keep_largest_component {
            return mask;
        }
        let components = Components::of(mask.view());
        let largest = components.largest();
        components.retain(|component| {
            component.area_px as f64 >= min_area
                && (!self.keep_largest_component
                    || largest.is_some_and(|largest| std::ptr::eq(component, largest)))
        })
    }
}

#[cfg(test)]
mod tests {
    use ndarray::array;

    use super::*;

    fn probabilities() -> Array2<f32> {
        array![
            [0.9, 0.9, 0.0, 0.0, 0.7],
            [0.9, 0.4, 0.0, 0.0, 0.6],
            [0.0, 0.0, 0.0, 0.0, 0.0]
        ]
    }

    fn count(postprocess: &Postprocess, presence: f32) -> usize {
        postprocess
            .mask(probabilities().view(), presence)
            .iter()
            .filter(|&&m| m)
            .count()
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
