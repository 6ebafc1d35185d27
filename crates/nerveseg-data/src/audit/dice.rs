//! How far two masks of nearly the same picture agree.

use nerveseg_metrics::Counts;

use crate::mask::RowRuns;

/// Dice similarity of two masks of the same size; two empty masks agree perfectly.
pub(super) fn dice(a: &RowRuns, b: &RowRuns) -> f64 {
    let [height, width] = a.size.map(u64::from);
    Counts::from_areas(a.area(), b.area(), a.shared(b), height * width)
        .dice()
        .unwrap_or(1.0)
}

#[cfg(test)]
mod tests {
    use ndarray::array;

    use super::*;

    #[test]
    fn dice_of_two_empty_masks_is_one_and_of_one_empty_mask_zero() {
        let empty = RowRuns::new(array![[false, false, false, false]].view());
        let full = RowRuns::new(array![[true, true, true, true]].view());

        assert!((dice(&empty, &empty) - 1.0).abs() < f64::EPSILON);
        assert!(dice(&empty, &full).abs() < f64::EPSILON);
    }
}
