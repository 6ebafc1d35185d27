use ndarray::ArrayView2;

use crate::counts::Counts;

/// What an overlap score is when prediction and ground truth are both empty.
///
/// If only one of them is empty the score is 0 under either policy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EmptyPolicy {
    /// Agreement that there is nothing scores 1: the rule of the Kaggle competition and of MONAI's
    /// `DiceMetric(ignore_empty=False)`.
    ScoreOne,
    /// The case has no score: MONAI's `DiceMetric(ignore_empty=True)` when both are empty.
    Skip,
}

impl EmptyPolicy {
    /// `score`, or what this policy puts in its place when both masks are empty.
    pub(crate) fn apply(self, score: Option<f64>) -> Option<f64> {
        match self {
            Self::ScoreOne => score.or(Some(1.0)),
            Self::Skip => score,
        }
    }
}

/// Dice similarity coefficient (DSC) of one case.
///
/// `2·|P ∩ G| / (|P| + |G|)`, computed per case, never pooled over a batch.
///
/// # Shapes
///
/// - `prediction`, `ground_truth`: `[height, width]`
///
/// # Returns
///
/// A value in `[0, 1]` (dimensionless, higher is better), or `None` when both masks are empty
/// and `empty` is [`EmptyPolicy::Skip`].
///
/// # Panics
///
/// Panics if the two masks differ in shape: that is a bug in the caller, not bad input.
///
/// # Examples
///
/// ```
/// use ndarray::array;
/// use nerveseg_metrics::{EmptyPolicy, dice};
///
/// let ground_truth = array![[true, true], [false, false]];
/// let prediction = array![[true, false], [true, false]];
/// let dsc = dice(prediction.view(), ground_truth.view(), EmptyPolicy::ScoreOne);
/// assert_eq!(dsc, Some(0.5));
/// ```
pub fn dice(
    prediction: ArrayView2<'_, bool>,
    ground_truth: ArrayView2<'_, bool>,
    empty: EmptyPolicy,
) -> Option<f64> {
    empty.apply(Counts::new(prediction, ground_truth).dice())
}

/// Intersection over union (`IoU`, Jaccard index) of one case: `|P ∩ G| / |P ∪ G|`.
///
/// A fixed function of Dice, `iou = dice / (2 − dice)`, reported because readers ask for it.
///
/// # Shapes
///
/// - `prediction`, `ground_truth`: `[height, width]`
///
/// # Returns
///
/// A value in `[0, 1]` (dimensionless, higher is better), or `None` when both masks are empty
/// and `empty` is [`EmptyPolicy::Skip`].
///
/// # Panics
///
/// Panics if the two masks differ in shape.
///
/// # Examples
///
/// ```
/// use ndarray::array;
/// use nerveseg_metrics::{EmptyPolicy, iou};
///
/// let ground_truth = array![[true, true], [false, false]];
/// let prediction = array![[true, false], [true, false]];
/// let jaccard = iou(prediction.view(), ground_truth.view(), EmptyPolicy::Skip);
/// assert_eq!(jaccard, Some(1.0 / 3.0));
/// ```
pub fn iou(
    prediction: ArrayView2<'_, bool>,
    ground_truth: ArrayView2<'_, bool>,
    empty: EmptyPolicy,
) -> Option<f64> {
    empty.apply(Counts::new(prediction, ground_truth).iou())
}

#[cfg(test)]
mod tests {
    use ndarray::Array2;

    use super::*;

    fn empty() -> Array2<bool> {
        Array2::from_elem((17, 23), false)
    }

    #[test]
    fn two_empty_masks_follow_the_policy() {
        assert_eq!(
            dice(empty().view(), empty().view(), EmptyPolicy::ScoreOne),
            Some(1.0)
        );
        assert_eq!(
            dice(empty().view(), empty().view(), EmptyPolicy::Skip),
            None
        );
        assert_eq!(
            iou(empty().view(), empty().view(), EmptyPolicy::ScoreOne),
            Some(1.0)
        );
        assert_eq!(iou(empty().view(), empty().view(), EmptyPolicy::Skip), None);
    }

    #[test]
    fn false_positive_on_empty_ground_truth_scores_zero() {
        let mut prediction = empty();
        prediction[[0, 0]] = true;

        let dsc = dice(prediction.view(), empty().view(), EmptyPolicy::ScoreOne);

        assert_eq!(dsc, Some(0.0));
    }

    #[test]
    #[should_panic(expected = "mask shapes must match")]
    fn transposed_mask_is_refused() {
        dice(empty().view(), empty().t(), EmptyPolicy::ScoreOne);
    }
}
