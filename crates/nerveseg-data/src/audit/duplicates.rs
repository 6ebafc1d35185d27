//! Every pair of frames that show nearly the same picture.
//!
//! All frames are compared with all frames by matrix products of descriptor blocks, so that a
//! person who was given two subject numbers is found as well as two frames of one sweep.

use ndarray::{ArrayView2, Axis, Slice};
use rayon::prelude::*;

/// Descriptors compared at once; 256 × 5 635 similarities are 6 MB.
const BLOCK: usize = 256;

/// Two frames and how alike they are; `first < second`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Match {
    /// Row of the descriptor of the first frame.
    pub first: usize,
    /// Row of the descriptor of the second frame.
    pub second: usize,
    /// Normalised correlation of the two descriptors.
    pub similarity: f32,
}

/// Calls `each` for every pair of rows of `descriptors` (shape `[frames, length]`) whose dot
/// product reaches `threshold`, block by block, and gathers what it returns in the order of the
/// frames.
pub(super) fn collect_matches<T: Send>(
    descriptors: ArrayView2<'_, f32>,
    threshold: f32,
    each: impl Fn(Match) -> T + Sync,
) -> Vec<T> {
    let frames = descriptors.nrows();
    let blocks: Vec<Vec<T>> = (0..frames.div_ceil(BLOCK))
        .into_par_iter()
        .map(|block| {
            let start = block * BLOCK;
            let rows = |range| descriptors.slice_axis(Axis(0), Slice::from(range));
            let end = (start + BLOCK).min(frames);
            let similarities = rows(start..end).dot(&rows(start..frames).t());
            let mut found = Vec::new();
            for (row, line) in similarities.rows().into_iter().enumerate() {
                for (column, &similarity) in line.iter().enumerate().skip(row + 1) {
                    if similarity >= threshold {
                        found.push(each(Match {
                            first: start + row,
                            second: start + column,
                            similarity: similarity.min(1.0),
                        }));
                    }
                }
            }
            found
        })
        .collect();
    blocks.into_iter().flatten().collect()
}

#[cfg(test)]
mod tests {
    use ndarray::Array2;

    use super::*;

    #[test]
    fn pairs_across_block_boundaries_are_found_once() {
        // frame k points in direction k % 300, so only k and k + 300 match
        let descriptors =
            Array2::from_shape_fn((700, 300), |(frame, x)| f32::from(frame % 300 == x));

        let matches = collect_matches(descriptors.view(), 0.9, |m| (m.first, m.second));

        let expected: Vec<_> = (0..700)
            .flat_map(|k| [(k, k + 300), (k, k + 600)])
            .filter(|&(_, second)| second < 700)
            .collect();
        assert_eq!(matches, expected);
    }

    #[test]
    fn no_frames_have_no_pairs() {
        let none = Array2::zeros((0, 4));
        assert!(collect_matches(none.view(), 0.5, |m| m).is_empty());
    }
}
