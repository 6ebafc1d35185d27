//! A mask as horizontal runs: about a kilobyte for a nerve, and fast to intersect and to label.

use ndarray::ArrayView2;

use super::Mask;

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
            // most rows of most masks are empty, and a sum over all is many times as fast as a search
            if line.iter().fold(false, |any, &inside| any | inside) {
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
    fn border_contact_is_seen_on_every_side() {
        assert!(runs(&["#..", "...", "..."]).touches_border());
        assert!(runs(&["...", "..#", "..."]).touches_border());
        assert!(runs(&["...", "...", ".#."]).touches_border());
        assert!(!runs(&["...", ".#.", "..."]).touches_border());
    }

    proptest! {
        #[test]
        fn runs_agree_with_pixels(
            bits in proptest::collection::vec(any::<bool>(), 9 * 11),
            others in proptest::collection::vec(any::<bool>(), 9 * 11),
        ) {
            let mask = Array2::from_shape_vec((9, 11), bits).unwrap();
            let other = Array2::from_shape_vec((9, 11), others).unwrap();
            let runs = RowRuns::new(mask.view());
            let shared = mask.iter().zip(&other).filter(|&(&a, &b)| a && b).count();

            prop_assert_eq!(runs.area() as usize, mask.iter().filter(|&&b| b).count());
            prop_assert_eq!(runs.shared(&RowRuns::new(other.view())) as usize, shared);
            prop_assert_eq!(runs.to_mask(), mask);
            prop_assert_eq!(RowRuns::new(other.t()).to_mask(), other.t());
        }
    }
}
