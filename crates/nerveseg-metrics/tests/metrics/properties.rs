//! Rules that hold for every pair of masks.

use ndarray::Array2;
use nerveseg_metrics::{EmptyPolicy, dice, iou, score_case};
use proptest::prelude::*;

const SIZE: (usize, usize) = (17, 23);

/// Rounding of a few divisions and roots of numbers below 100.
const TOLERANCE: f64 = 1e-12;

fn mask() -> impl Strategy<Value = Array2<bool>> {
    (0.0..0.6)
        .prop_flat_map(|density| {
            proptest::collection::vec(proptest::bool::weighted(density), SIZE.0 * SIZE.1)
        })
        .prop_map(|pixels| Array2::from_shape_vec(SIZE, pixels).expect("one value per pixel"))
}

/// `mask` in a frame with room around it, moved by `(rows, cols)`.
fn moved(mask: &Array2<bool>, rows: usize, cols: usize) -> Array2<bool> {
    Array2::from_shape_fn((SIZE.0 + 10, SIZE.1 + 10), |(row, col)| {
        let at = [row.wrapping_sub(rows), col.wrapping_sub(cols)];
        mask.get(at) == Some(&true)
    })
}

proptest! {
    #[test]
    fn scores_are_symmetric_where_they_should_be(a in mask(), b in mask()) {
        let forth = score_case(a.view(), b.view(), None);
        let back = score_case(b.view(), a.view(), None);
        prop_assert_eq!((forth.dice, forth.iou), (back.dice, back.iou));
        prop_assert_eq!(forth.hausdorff95, back.hausdorff95);
        prop_assert_eq!(forth.sensitivity, back.precision);
        prop_assert_eq!(forth.fp, back.fn_);
        prop_assert_eq!(forth.assd.is_some(), back.assd.is_some());
        if let (Some(forth), Some(back)) = (forth.assd, back.assd) {
            prop_assert!((forth - back).abs() < TOLERANCE);
        }
    }

    #[test]
    fn shares_stay_within_bounds(a in mask(), b in mask()) {
        let scores = score_case(a.view(), b.view(), None);
        let shares = [
            Some(scores.dice),
            Some(scores.iou),
            Some(scores.pixel_accuracy),
            scores.sensitivity,
            scores.specificity,
            scores.precision,
        ];
        for share in shares.into_iter().flatten() {
            prop_assert!((0.0..=1.0).contains(&share));
        }
        prop_assert_eq!(scores.tp + scores.fp + scores.fn_ + scores.tn, a.len() as u64);
    }

    #[test]
    fn dice_is_a_function_of_iou(a in mask(), b in mask()) {
        let dsc = dice(a.view(), b.view(), EmptyPolicy::ScoreOne).unwrap();
        let jaccard = iou(a.view(), b.view(), EmptyPolicy::ScoreOne).unwrap();
        prop_assert!((dsc - 2.0 * jaccard / (1.0 + jaccard)).abs() < TOLERANCE);
    }

    #[test]
    fn mask_agrees_with_itself(a in mask()) {
        let scores = score_case(a.view(), a.view(), None);
        prop_assert_eq!((scores.dice, scores.iou, scores.pixel_accuracy), (1.0, 1.0, 1.0));
        prop_assert!(scores.hausdorff95.is_none_or(|distance| distance == 0.0));
    }

    #[test]
    fn translation_is_never_further_than_the_step(
        a in mask(), rows in 0..10_usize, cols in 0..10_usize
    ) {
        let scores = score_case(moved(&a, rows, cols).view(), moved(&a, 0, 0).view(), None);
        let step = (rows as f64).hypot(cols as f64);
        prop_assert!(scores.hausdorff95.is_none_or(|distance| distance <= step + TOLERANCE));
        prop_assert!(scores.assd.is_none_or(|distance| distance <= step + TOLERANCE));
    }

    #[test]
    fn moving_both_masks_changes_no_score(
        a in mask(), b in mask(), rows in 0..10_usize, cols in 0..10_usize
    ) {
        let here = score_case(moved(&a, 0, 0).view(), moved(&b, 0, 0).view(), None);
        let there = score_case(moved(&a, rows, cols).view(), moved(&b, rows, cols).view(), None);
        prop_assert_eq!(here, there);
    }

    #[test]
    fn spacing_scales_distances(a in mask(), b in mask(), spacing in 0.05..2.0) {
        let px = score_case(a.view(), b.view(), None);
        let mm = score_case(a.view(), b.view(), Some([spacing, spacing]));
        prop_assert_eq!(px.hausdorff95.is_some(), mm.hausdorff95.is_some());
        if let (Some(px), Some(mm)) = (px.hausdorff95, mm.hausdorff95) {
            prop_assert!((px * spacing - mm).abs() < 1e-9);
        }
    }
}
