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
    use std::io::Write as _;
    use std::path::PathBuf;

    use ndarray::{Array2, ArrayView1};

    use super::*;
    use crate::audit::AuditOptions;
    use crate::audit::descriptor::normalise;
    use crate::ultrasound::cells::{LENGTH, band_pass, cells};
    use crate::{Dataset, read_image};

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

    /// A folder of real data, or a note that there is none.
    fn real(folder: &str) -> Option<PathBuf> {
        let path = PathBuf::from(env!("CARGO_MANIFEST_DIR"))
            .join("../../../shared/data")
            .join(folder);
        if path.is_dir() {
            return Some(path);
        }
        // not `eprintln!`: the test harness would swallow it
        writeln!(std::io::stderr(), "SKIPPED: {} not found", path.display()).unwrap();
        None
    }

    fn quantiles(name: &str, values: &mut [f32]) {
        values.sort_unstable_by(f32::total_cmp);
        let at = |q: f64| values[((values.len() - 1) as f64 * q) as usize];
        eprintln!(
            "{name}: n {}, median {:.3}, 99 % {:.3}, 99.9 % {:.3}, 99.99 % {:.3}, most {:.3}",
            values.len(),
            at(0.5),
            at(0.99),
            at(0.999),
            at(0.9999),
            at(1.0)
        );
    }

    #[test]
    fn different_people_stay_far_below_the_threshold() {
        let Some(dir) = real("uns-positive") else {
            return;
        };
        // every fourth frame is enough for a test in the debug profile
        let step = if cfg!(debug_assertions) { 4 } else { 1 };
        let dataset = Dataset::open(dir).unwrap();
        let entries: Vec<_> = dataset.cases().iter().step_by(step).collect();
        let cells: Vec<Vec<f32>> = entries
            .par_iter()
            .map(|entry| cells(&read_image(&entry.image_path).unwrap()))
            .collect();
        // subjects 17 and 18, and 21 and 22, share frames that are equal pixel by pixel
        let person = |index: usize| match entries[index].case_id.subject_id {
            Some(18) => Some(17),
            Some(22) => Some(21),
            other => other,
        };
        let split = |describe: &dyn Fn(&[f32]) -> Vec<f32>| {
            let mut descriptors = Array2::zeros((cells.len(), LENGTH));
            for (mut row, cells) in descriptors.rows_mut().into_iter().zip(&cells) {
                row.assign(&ArrayView1::from(&describe(cells)));
            }
            let pairs = collect_matches(descriptors.view(), -1.0, |found| {
                (
                    found.similarity,
                    person(found.first) == person(found.second),
                )
            });
            let of = |same: bool| -> Vec<f32> {
                pairs
                    .iter()
                    .filter(|pair| pair.1 == same)
                    .map(|pair| pair.0)
                    .collect()
            };
            (of(false), of(true))
        };
        let (mut plain, _) = split(&|cells| normalise(cells));
        quantiles("between people, without band-pass", &mut plain);
        let (mut between, mut within) = split(&|cells| normalise(&band_pass(cells)));
        quantiles("between people", &mut between);
        quantiles("within a person", &mut within);

        let threshold = AuditOptions::default().similarity_threshold;
        assert!(between.last().is_some_and(|&most| most < 0.5));
        let alike = within
            .iter()
            .filter(|&&similarity| similarity >= threshold)
            .count();
        eprintln!("within a person from {threshold}: {alike}");
        assert!(
            alike * 100 > within.len(),
            "the threshold still finds near-duplicates"
        );
    }
}
