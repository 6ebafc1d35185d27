use ndarray::{ArrayView2, Zip};
use serde::{Deserialize, Serialize};

/// Bins of equal width over `[0, 1]`: the 15 of Guo et al. (2017).
const BINS: usize = 15;

/// What was predicted and what was true, per bin of predicted probability; histograms add up.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct CalibrationHistogram {
    bins: [Bin; BINS],
}

#[derive(Clone, Copy, Debug, Default, PartialEq)]
struct Bin {
    count: u64,
    positives: u64,
    probability: f64,
}

impl CalibrationHistogram {
    /// Counts every pixel of one case.
    ///
    /// # Shapes
    ///
    /// - `probabilities`, `ground_truth`: `[height, width]`
    ///
    /// # Panics
    ///
    /// Panics if the shapes differ or a probability is NaN. Values that interpolation pushed out
    /// of `[0, 1]` are clamped.
    pub fn of_pixels(
        probabilities: ArrayView2<'_, f32>,
        ground_truth: ArrayView2<'_, bool>,
    ) -> Self {
        assert_eq!(
            probabilities.dim(),
            ground_truth.dim(),
            "map and mask shapes must match"
        );
        let mut histogram = Self::default();
        Zip::from(probabilities)
            .and(ground_truth)
            .for_each(|&probability, &present| {
                histogram.add(f64::from(probability), present);
            });
        histogram
    }

    /// Counts one event that was predicted with `probability`.
    pub(crate) fn add(&mut self, probability: f64, present: bool) {
        assert!(!probability.is_nan(), "probabilities must not be NaN");
        let probability = probability.clamp(0.0, 1.0);
        let index = ((probability * BINS as f64) as usize).min(BINS - 1);
        let bin = &mut self.bins[index];
        bin.count += 1;
        bin.positives += u64::from(present);
        bin.probability += probability;
    }

    /// Takes in all that `other` counted.
    pub fn merge(&mut self, other: &Self) {
        for (into, from) in self.bins.iter_mut().zip(&other.bins) {
            into.count += from.count;
            into.positives += from.positives;
            into.probability += from.probability;
        }
    }

    /// Number of positives counted.
    pub(crate) fn positives(&self) -> u64 {
        self.bins.iter().map(|bin| bin.positives).sum()
    }

    /// Compares prediction with truth, or `None` if nothing was counted.
    pub fn calibration(&self) -> Option<Calibration> {
        let total: u64 = self.bins.iter().map(|bin| bin.count).sum();
        let bins: Vec<_> = self
            .bins
            .iter()
            .enumerate()
            .filter(|(_, bin)| bin.count > 0)
            .map(|(index, bin)| CalibrationBin {
                lower: index as f64 / BINS as f64,
                upper: (index + 1) as f64 / BINS as f64,
                confidence: bin.probability / bin.count as f64,
                accuracy: bin.positives as f64 / bin.count as f64,
                count: bin.count,
            })
            .collect();
        let ece = bins
            .iter()
            .map(|bin| bin.count as f64 / total as f64 * (bin.confidence - bin.accuracy).abs())
            .sum();
        (total > 0).then_some(Calibration { ece, bins })
    }
}

/// How far predicted probabilities are from observed frequencies.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Calibration {
    /// Expected calibration error: `Σ count/total · |confidence − accuracy|` over bins, in `[0, 1]`.
    ///
    /// Probability and frequency of *nerve*, the reliability diagram of a binary event; dominated
    /// by background where nerves are small, so look at the bins too.
    pub ece: f64,
    /// Bins that hold anything, in ascending order.
    pub bins: Vec<CalibrationBin>,
}

/// One point of the reliability diagram.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct CalibrationBin {
    /// Smallest probability of the bin.
    pub lower: f64,
    /// Largest probability of the bin, itself part of the next bin unless it is 1.
    pub upper: f64,
    /// Mean predicted probability.
    pub confidence: f64,
    /// Observed frequency of nerve.
    pub accuracy: f64,
    /// Pixels (or frames) in the bin.
    pub count: u64,
}

#[cfg(test)]
mod tests {
    use ndarray::{Array2, array};

    use super::*;

    #[test]
    fn ece_weighs_the_gap_by_the_count() {
        let probabilities = array![[0.1_f32, 0.1, 0.9, 1.0]];
        let ground_truth = array![[false, true, true, true]];

        let found = CalibrationHistogram::of_pixels(probabilities.view(), ground_truth.view())
            .calibration()
            .unwrap();

        assert_eq!(
            found.bins.iter().map(|bin| bin.count).collect::<Vec<_>>(),
            [2, 1, 1]
        );
        let expected = 0.5 * 0.4 + 0.25 * 0.1;
        assert!(
            (found.ece - expected).abs() < 1e-7,
            "f32 inputs: {}",
            found.ece
        );
    }

    #[test]
    fn merged_halves_equal_the_whole() {
        let map = Array2::from_shape_fn((17, 23), |(row, col)| (row * 23 + col) as f32 / 391.0);
        let mask = Array2::from_shape_fn((17, 23), |(row, col)| row * 2 > col);
        let (top, bottom) = map.view().split_at(ndarray::Axis(0), 8);
        let (mask_top, mask_bottom) = mask.view().split_at(ndarray::Axis(0), 8);

        let mut merged = CalibrationHistogram::of_pixels(top, mask_top);
        merged.merge(&CalibrationHistogram::of_pixels(bottom, mask_bottom));

        let whole = CalibrationHistogram::of_pixels(map.view(), mask.view());
        assert_eq!(merged.positives(), whole.positives());
        let (merged, whole) = (merged.calibration().unwrap(), whole.calibration().unwrap());
        assert!(
            (merged.ece - whole.ece).abs() < 1e-12,
            "sums differ in order only"
        );
    }

    #[test]
    fn nothing_counted_is_no_calibration() {
        assert_eq!(CalibrationHistogram::default().calibration(), None);
    }
}
