//! A mask as horizontal runs: about a kilobyte for a nerve, and fast to intersect and to label.

use ndarray::ArrayView2;

use super::Mask;
use super::label::{Connectivity, Labels};

/// Pixels `start..end` of one row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct RowRun {
    /// Row, counted from the top.
    pub row: u32,
    /// First column inside.
    pub start: u32,
    /// First column outside again.
    pub end: u32,
}

impl RowRun {
    /// Pixels inside.
    pub(crate) fn length(self) -> u32 {
        self.end - self.start
    }
}

/// Foreground of a mask, row by row, left to right.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct RowRuns {
    /// `[height, width]` of the mask, in pixels.
    pub size: [u32; 2],
    runs: Vec<RowRun>,
}

impl RowRuns {
    /// Encodes a mask of shape `[height, width]`.
    pub(crate) fn new(mask: ArrayView2<'_, bool>) -> Self {
        let (height, width) = mask.dim();
        let mask = mask.as_standard_layout();
        let mut runs = Vec::new();
        for (row, line) in mask.outer_iter().enumerate() {
            let line = line.to_slice().expect("standard layout is contiguous");
            // most rows of most masks are empty, and a slice says so at once
            if line.contains(&true) {
                encode_row(row as u32, line, &mut runs);
            }
        }
        Self {
            size: [height as u32, width as u32],
            runs,
        }
    }

    /// The mask again. Shape: `[height, width]`.
    pub(crate) fn to_mask(&self) -> Mask {
        self.paint(|_| true)
    }

    /// Mask of the runs, by index, that `keep` approves of. Shape: `[height, width]`.
    pub(super) fn paint(&self, keep: impl Fn(usize) -> bool) -> Mask {
        let [height, width] = self.size.map(|side| side as usize);
        let mut mask = Mask::default((height, width));
        let pixels = mask.as_slice_mut().expect("standard layout is contiguous");
        for (_, run) in self
            .runs
            .iter()
            .enumerate()
            .filter(|&(index, _)| keep(index))
        {
            let line = run.row as usize * width;
            pixels[line + run.start as usize..line + run.end as usize].fill(true);
        }
        mask
    }

    /// Pixels inside.
    pub(crate) fn area(&self) -> u64 {
        self.runs.iter().map(|run| u64::from(run.length())).sum()
    }

    /// Whether no pixel is inside.
    pub(crate) fn is_empty(&self) -> bool {
        self.runs.is_empty()
    }

    /// The runs, row by row, left to right.
    pub(super) fn as_slice(&self) -> &[RowRun] {
        &self.runs
    }

    /// Whether a pixel inside lies in the first or last row or column.
    pub(crate) fn touches_border(&self) -> bool {
        let [height, width] = self.size;
        self.runs
            .iter()
            .any(|run| run.row == 0 || run.row + 1 == height || run.start == 0 || run.end == width)
    }

    /// Number of components: pixels that touch by edge or corner belong together.
    pub(crate) fn components(&self) -> usize {
        Labels::of(&self.runs, Connectivity::Eight).count
    }

    /// Background regions enclosed by the mask.
    pub(crate) fn holes(&self) -> usize {
        if self.runs.is_empty() {
            return 0;
        }
        // The frame of one pixel around the mask makes everything outside one region.
        Labels::of(&self.padded_background(), Connectivity::Four).count - 1
    }

    /// Pixels that are inside here and in another mask of the same size.
    pub(crate) fn shared(&self, other: &Self) -> u64 {
        let (mut left, mut right) = (self.runs.iter().peekable(), other.runs.iter().peekable());
        let mut shared = 0_u64;
        while let (Some(a), Some(b)) = (left.peek(), right.peek()) {
            if a.row == b.row {
                shared += u64::from(a.end.min(b.end).saturating_sub(a.start.max(b.start)));
            }
            if (a.row, a.end) <= (b.row, b.end) {
                left.next();
            } else {
                right.next();
            }
        }
        shared
    }

    /// Background inside the bounding box grown by one pixel, with coordinates shifted by one.
    fn padded_background(&self) -> Vec<RowRun> {
        let mut bounds = [u32::MAX, 0, u32::MAX, 0]; // top, bottom, left, right
        for run in &self.runs {
            bounds[0] = bounds[0].min(run.row);
            bounds[1] = bounds[1].max(run.row);
            bounds[2] = bounds[2].min(run.start);
            bounds[3] = bounds[3].max(run.end);
        }
        let [top, bottom, left, right] = bounds;
        let (left, right) = (left, right + 2);
        let mut inside = self.runs.iter().peekable();
        let mut background = Vec::new();
        for row in top..=bottom + 2 {
            let mut start = left;
            while let Some(run) = inside.next_if(|run| run.row + 1 == row) {
                background.push(RowRun {
                    row,
                    start,
                    end: run.start + 1,
                });
                start = run.end + 1;
            }
            background.push(RowRun {
                row,
                start,
                end: right,
            });
        }
        background
    }
}

/// Runs of one row of a mask.
fn encode_row(row: u32, line: &[bool], runs: &mut Vec<RowRun>) {
    let mut at = 0;
    while let Some(gap) = line[at..].iter().position(|&inside| inside) {
        let start = at + gap;
        let rest = &line[start..];
        at = start
            + rest
                .iter()
                .position(|&inside| !inside)
                .unwrap_or(rest.len());
        runs.push(RowRun {
            row,
            start: start as u32,
            end: at as u32,
        });
    }
}

#[cfg(test)]
mod tests {
    use ndarray::Array2;
    use proptest::prelude::*;

    use super::*;

    fn mask(rows: &[&str]) -> Array2<bool> {
        Array2::from_shape_fn((rows.len(), rows[0].len()), |(y, x)| {
            rows[y].as_bytes()[x] == b'#'
        })
    }

    fn runs(rows: &[&str]) -> RowRuns {
        RowRuns::new(mask(rows).view())
    }

    #[test]
    fn corner_contact_joins_components() {
        assert_eq!(runs(&["#..", ".#.", "..#"]).components(), 1);
        assert_eq!(runs(&["#.#", "#.#", "###"]).components(), 1);
        assert_eq!(runs(&["#.#.#"]).components(), 3);
        assert_eq!(runs(&["..", ".."]).components(), 0);
    }

    #[test]
    fn hole_is_an_enclosed_background_region() {
        assert_eq!(runs(&["###", "#.#", "###"]).holes(), 1);
        assert_eq!(runs(&["#####", "#.#.#", "#####"]).holes(), 2);
        assert_eq!(runs(&["###", "#..", "###"]).holes(), 0);
        // background joins by edges only, so a diagonal gap does not open the hole
        assert_eq!(runs(&["##.", "#.#", "###"]).holes(), 1);
        assert_eq!(runs(&["..", ".."]).holes(), 0);
    }

    #[test]
    fn border_contact_is_seen_on_every_side() {
        assert!(runs(&["#..", "...", "..."]).touches_border());
        assert!(runs(&["...", "..#", "..."]).touches_border());
        assert!(runs(&["...", "...", ".#."]).touches_border());
        assert!(!runs(&["...", ".#.", "..."]).touches_border());
    }

    /// Components by flooding, the slow and obvious way.
    fn flooded(mask: &Array2<bool>, of: bool, corners: bool) -> usize {
        let (height, width) = mask.dim();
        let mut seen = Array2::from_elem(mask.dim(), false);
        let mut found = 0;
        for start in ndarray::indices(mask.dim()) {
            if mask[start] != of || seen[start] {
                continue;
            }
            found += 1;
            let mut stack = vec![start];
            seen[start] = true;
            while let Some((y, x)) = stack.pop() {
                for (dy, dx) in (-1..=1_isize).flat_map(|dy| (-1..=1_isize).map(move |dx| (dy, dx)))
                {
                    if !corners && dy != 0 && dx != 0 {
                        continue;
                    }
                    let (Some(y), Some(x)) = (y.checked_add_signed(dy), x.checked_add_signed(dx))
                    else {
                        continue;
                    };
                    if y < height && x < width && mask[(y, x)] == of && !seen[(y, x)] {
                        seen[(y, x)] = true;
                        stack.push((y, x));
                    }
                }
            }
        }
        found
    }

    proptest! {
        #[test]
        fn counts_agree_with_flooding(
            bits in proptest::collection::vec(any::<bool>(), 9 * 11),
            others in proptest::collection::vec(any::<bool>(), 9 * 11),
        ) {
            let mask = Array2::from_shape_vec((9, 11), bits).unwrap();
            let other = Array2::from_shape_vec((9, 11), others).unwrap();
            let runs = RowRuns::new(mask.view());
            let framed = Array2::from_shape_fn((11, 13), |(y, x)| {
                (1..10).contains(&y) && (1..12).contains(&x) && mask[(y - 1, x - 1)]
            });
            let shared = mask.iter().zip(&other).filter(|&(&a, &b)| a && b).count();

            prop_assert_eq!(runs.area() as usize, mask.iter().filter(|&&b| b).count());
            prop_assert_eq!(runs.components(), flooded(&mask, true, true));
            prop_assert_eq!(runs.holes(), flooded(&framed, false, false) - 1);
            prop_assert_eq!(runs.shared(&RowRuns::new(other.view())) as usize, shared);
            prop_assert_eq!(runs.to_mask(), mask);
        }
    }
}
