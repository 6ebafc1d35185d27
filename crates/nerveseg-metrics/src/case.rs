use ndarray::ArrayView2;
use serde::{Deserialize, Serialize};

use crate::counts::Counts;
use crate::surface::{LengthUnit, surface_distances};

/// Every score of one case.
///
/// Overlap follows the Kaggle rule: both masks empty is 1, exactly one empty is 0. A score that
/// would be a share of nothing is `None`, and so are distances to a surface that does not exist.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct CaseScores {
    /// `2·tp / (2·tp + fp + fn)`; 1 if both masks are empty.
    pub dice: f64,
    /// `tp / (tp + fp + fn)`; 1 if both masks are empty.
    pub iou: f64,
    /// `tp / (tp + fn)`: share of the nerve that was found. `None` without a nerve.
    pub sensitivity: Option<f64>,
    /// `tn / (tn + fp)`: share of the background left alone. `None` without background.
    pub specificity: Option<f64>,
    /// `tp / (tp + fp)`: share of the prediction that is nerve. `None` without a prediction.
    pub precision: Option<f64>,
    /// `(tp + tn) / pixels`. Flattering wherever the nerve is small; never to be quoted alone.
    pub pixel_accuracy: f64,
    /// Larger of the two directed 95th percentiles of surface distance, in `unit`.
    /// `None` if either mask is empty.
    pub hausdorff95: Option<f64>,
    /// Average symmetric surface distance, both directions pooled, in `unit`.
    /// `None` if either mask is empty.
    pub assd: Option<f64>,
    /// Unit of the surface distances.
    pub unit: LengthUnit,
    /// Pixels rightly marked as nerve.
    pub tp: u64,
    /// Pixels wrongly marked as nerve.
    pub fp: u64,
    /// Nerve pixels that were not marked.
    #[serde(rename = "fn")]
    pub fn_: u64,
    /// Background pixels that were not marked.
    pub tn: u64,
    /// Area of the prediction, in pixels.
    pub n_pred: u64,
    /// Area of the ground truth, in pixels.
    pub n_ref: u64,
}

impl CaseScores {
    /// The scores that follow from counting, without surface distances.
    fn from_counts(counts: Counts, unit: LengthUnit) -> Self {
        let Counts { tp, fp, fn_, tn } = counts;
        Self {
            dice: counts.dice().unwrap_or(1.0),
            iou: counts.iou().unwrap_or(1.0),
            sensitivity: counts.sensitivity(),
            specificity: counts.specificity(),
            precision: counts.precision(),
            pixel_accuracy: counts.pixel_accuracy().expect("a case has pixels"),
            hausdorff95: None,
            assd: None,
            unit,
            tp,
            fp,
            fn_,
            tn,
            n_pred: counts.n_pred(),
            n_ref: counts.n_ref(),
        }
    }

    /// What predicting nothing would have scored on the same ground truth.
    pub(crate) fn of_empty_prediction(&self) -> Self {
        let counts = Counts {
            tp: 0,
            fp: 0,
            fn_: self.n_ref,
            tn: self.tn + self.fp,
        };
        Self::from_counts(counts, self.unit)
    }

    /// Whether the ground truth holds a nerve.
    pub fn present(&self) -> bool {
        self.n_ref > 0
    }

    /// Whether the prediction holds a nerve.
    pub(crate) fn predicted_present(&self) -> bool {
        self.n_pred > 0
    }

    /// Whether exactly one mask is empty, so that surface distances are undefined for a bad reason.
    pub(crate) fn surface_miss(&self) -> bool {
        self.present() != self.predicted_present()
    }
}

/// Scores one case.
///
/// # Shapes
///
/// - `prediction`, `ground_truth`: `[height, width]`
/// - `spacing`: mm per pixel, `[row, column]`; surface distances are in pixels without it
///
/// # Panics
///
/// Panics if the masks differ in shape or have no pixels, or if a spacing is not positive.
///
/// # Examples
///
/// ```
/// use ndarray::array;
/// use nerveseg_metrics::score_case;
///
/// let ground_truth = array![[true, false, false, false]];
/// let prediction = array![[false, false, false, true]];
/// let scores = score_case(prediction.view(), ground_truth.view(), Some([0.1, 0.1]));
/// assert_eq!(scores.dice, 0.0);
/// assert!((scores.hausdorff95.unwrap() - 0.3).abs() < 1e-12); // mm
/// ```
pub fn score_case(
    prediction: ArrayView2<'_, bool>,
    ground_truth: ArrayView2<'_, bool>,
    spacing: Option<[f64; 2]>,
) -> CaseScores {
    assert!(!ground_truth.is_empty(), "a case has pixels");
    let unit = if spacing.is_some() {
        LengthUnit::Mm
    } else {
        LengthUnit::Px
    };
    let spacing = spacing.unwrap_or([1.0, 1.0]);
    assert!(
        spacing.iter().all(|step| step.is_finite() && *step > 0.0),
        "spacing must be positive, got {spacing:?}"
    );
    let counts = Counts::new(prediction, ground_truth);
    let distances = surface_distances(prediction, ground_truth, spacing);
    CaseScores {
        hausdorff95: distances.map(|found| found.hausdorff95),
        assd: distances.map(|found| found.assd),
        ..CaseScores::from_counts(counts, unit)
    }
}

#[cfg(test)]
mod tests {
    use ndarray::Array2;

    use super::*;

    fn empty() -> Array2<bool> {
        Array2::from_elem((17, 23), false)
    }

    fn square() -> Array2<bool> {
        Array2::from_shape_fn((17, 23), |(row, col)| {
            (4..9).contains(&row) && (7..12).contains(&col)
        })
    }

    #[test]
    fn agreement_on_nothing_is_perfect_but_has_no_surface() {
        let scores = score_case(empty().view(), empty().view(), None);

        assert_eq!(
            (scores.dice, scores.iou, scores.pixel_accuracy),
            (1.0, 1.0, 1.0)
        );
        assert_eq!((scores.sensitivity, scores.precision), (None, None));
        assert_eq!((scores.hausdorff95, scores.assd), (None, None));
        assert!(!scores.surface_miss());
    }

    #[test]
    fn missed_nerve_is_a_surface_miss() {
        let scores = score_case(empty().view(), square().view(), None);

        assert_eq!((scores.dice, scores.sensitivity), (0.0, Some(0.0)));
        assert_eq!(scores.hausdorff95, None);
        assert!(scores.surface_miss());
    }

    #[test]
    fn empty_prediction_is_derived_without_looking_at_the_masks_again() {
        let scores = score_case(square().view(), square().view(), None);

        let derived = scores.of_empty_prediction();

        assert_eq!(derived, score_case(empty().view(), square().view(), None));
    }

    #[test]
    #[should_panic(expected = "spacing must be positive")]
    fn negative_spacing_is_refused() {
        score_case(square().view(), square().view(), Some([0.1, -0.1]));
    }
}
