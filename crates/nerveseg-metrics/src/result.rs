use ndarray::ArrayView2;
use serde::{Deserialize, Serialize};

use crate::calibration::CalibrationHistogram;
use crate::case::{CaseScores, score_case};
use crate::gate::Gate;
use crate::overlap::{EmptyPolicy, dice};

/// One row of an evaluation: a case, its scores, and what its aggregates need.
///
/// Building a row touches nothing shared, so a caller scores cases in parallel and collects them.
///
/// # Examples
///
/// ```
/// use ndarray::array;
/// use nerveseg_metrics::CaseResult;
///
/// let ground_truth = array![[true, true], [false, false]];
/// let probabilities = array![[0.9_f32, 0.6], [0.2, 0.1]];
/// let prediction = probabilities.mapv(|p| p >= 0.5);
///
/// let result = CaseResult::new("1_1", 1, prediction.view(), ground_truth.view(), None)
///     .with_presence(0.9)
///     .with_probabilities(probabilities.view(), ground_truth.view());
/// assert_eq!(result.scores.dice, 1.0);
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CaseResult {
    /// Name of the case.
    pub case_id: String,
    /// Person scanned; the unit of resampling.
    pub subject_id: u32,
    /// Scores of the prediction.
    pub scores: CaseScores,
    /// Whether the ground truth holds a nerve.
    pub present: bool,
    /// Whether the prediction holds a nerve.
    pub predicted_present: bool,
    /// The model's score for a nerve in the image at all, in `[0, 1]`.
    pub presence: Option<f64>,
    /// What the presence gate did.
    pub gate: Option<Gate>,
    /// Dice of the mean-mask baseline on this case.
    pub mean_mask_dice: Option<f64>,
    /// Everything about the mean-mask baseline on this case, scored as the prediction is.
    pub mean_mask: Option<CaseScores>,
    /// Reliability of the pixel probabilities; kept in memory only.
    #[serde(skip)]
    pub calibration: Option<CalibrationHistogram>,
    #[serde(skip)]
    spacing: Option<[f64; 2]>,
}

impl CaseResult {
    /// Scores a case, see [`score_case`].
    ///
    /// # Shapes
    ///
    /// - `prediction`, `ground_truth`: `[height, width]`
    /// - `spacing`: mm per pixel, `[row, column]`
    ///
    /// # Panics
    ///
    /// Panics where [`score_case`] does.
    pub fn new(
        case_id: impl Into<String>,
        subject_id: u32,
        prediction: ArrayView2<'_, bool>,
        ground_truth: ArrayView2<'_, bool>,
        spacing: Option<[f64; 2]>,
    ) -> Self {
        let scores = score_case(prediction, ground_truth, spacing);
        Self {
            case_id: case_id.into(),
            subject_id,
            scores,
            present: scores.present(),
            predicted_present: scores.predicted_present(),
            presence: None,
            gate: None,
            mean_mask_dice: None,
            mean_mask: None,
            calibration: None,
            spacing,
        }
    }

    /// Adds the model's score for a nerve in the image at all.
    ///
    /// # Panics
    ///
    /// Panics if `presence` is not in `[0, 1]`.
    #[must_use]
    pub fn with_presence(mut self, presence: f64) -> Self {
        assert!(
            (0.0..=1.0).contains(&presence),
            "presence must be a score from 0 to 1, got {presence}"
        );
        self.presence = Some(presence);
        self
    }

    /// Adds whether the presence reached the gate, and the mask that is there with the gate open.
    ///
    /// # Shapes
    ///
    /// - `open_mask`, `ground_truth`: `[height, width]`
    ///
    /// # Panics
    ///
    /// Panics if the shapes differ.
    #[must_use]
    pub fn with_gate(
        mut self,
        passed: bool,
        open_mask: ArrayView2<'_, bool>,
        ground_truth: ArrayView2<'_, bool>,
    ) -> Self {
        let dice = dice(open_mask, ground_truth, EmptyPolicy::ScoreOne);
        self.gate = Some(Gate {
            passed,
            dice_open: dice.expect("two empty masks score 1"),
        });
        self
    }

    /// Adds the pixel probabilities, reduced to a histogram for the calibration error.
    ///
    /// # Shapes
    ///
    /// - `probabilities`, `ground_truth`: `[height, width]`
    ///
    /// # Panics
    ///
    /// Panics if the shapes differ, a probability is NaN, or `ground_truth` is not the mask this
    /// case was scored against.
    #[must_use]
    pub fn with_probabilities(
        mut self,
        probabilities: ArrayView2<'_, f32>,
        ground_truth: ArrayView2<'_, bool>,
    ) -> Self {
        let histogram = CalibrationHistogram::of_pixels(probabilities, ground_truth);
        self.assert_same_ground_truth(histogram.positives());
        self.calibration = Some(histogram);
        self
    }

    /// Adds what the mean-mask baseline scores on this case.
    ///
    /// # Shapes
    ///
    /// - `mean_mask`, `ground_truth`: `[height, width]`
    ///
    /// # Panics
    ///
    /// Panics if the shapes differ or `ground_truth` is not the mask this case was scored against.
    #[must_use]
    pub fn with_mean_mask(
        mut self,
        mean_mask: ArrayView2<'_, bool>,
        ground_truth: ArrayView2<'_, bool>,
    ) -> Self {
        let scores = score_case(mean_mask, ground_truth, self.spacing);
        self.assert_same_ground_truth(scores.n_ref);
        self.mean_mask_dice = Some(scores.dice);
        self.mean_mask = Some(scores);
        self
    }

    fn assert_same_ground_truth(&self, n_ref: u64) {
        assert_eq!(
            n_ref, self.scores.n_ref,
            "case `{}`: another ground truth",
            self.case_id
        );
    }
}

#[cfg(test)]
mod tests {
    use ndarray::Array2;

    use super::*;

    fn square() -> Array2<bool> {
        Array2::from_shape_fn((17, 23), |(row, col)| {
            (4..9).contains(&row) && (7..12).contains(&col)
        })
    }

    #[test]
    fn rows_are_made_on_any_thread() {
        fn assert_send_sync<T: Send + Sync>() {}
        assert_send_sync::<CaseResult>();
    }

    #[test]
    fn baseline_is_scored_like_the_prediction() {
        let truth = square();
        let spacing = Some([0.2, 0.1]);
        let everything = Array2::from_elem((17, 23), true);

        let result = CaseResult::new("1_1", 1, truth.view(), truth.view(), spacing)
            .with_mean_mask(everything.view(), truth.view());

        let expected = score_case(everything.view(), truth.view(), spacing);
        assert_eq!(result.mean_mask, Some(expected));
        assert_eq!(result.mean_mask_dice, Some(expected.dice));
    }

    #[test]
    #[should_panic(expected = "case `1_1`: another ground truth")]
    fn swapped_masks_are_noticed() {
        let everything = Array2::from_elem((17, 23), true);
        let result = CaseResult::new("1_1", 1, everything.view(), square().view(), None);

        let _ = result.with_mean_mask(square().view(), everything.view());
    }

    #[test]
    #[should_panic(expected = "presence must be a score from 0 to 1")]
    fn undefined_presence_is_refused() {
        let _ = CaseResult::new("1_1", 1, square().view(), square().view(), None)
            .with_presence(f64::NAN);
    }
}
