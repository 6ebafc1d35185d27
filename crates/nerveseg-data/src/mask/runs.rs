//! A mask as horizontal runs: about a kilobyte for a nerve, and fast to intersect and to label.

use ndarray::ArrayView2;

/// Pixels `start..end` of one row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Run {
    /// Row, counted from the top.
    pub row: u32,
    /// First column inside.
    pub start: u32,
    /// First column outside again.
    pub end: u32,
}

/// Which neighbours of a pixel belong to the same component.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Connectivity {
    Four,
    Eight,
}

/// Foreground of a mask, row by row, left to right.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Runs {
    /// `[height, width]` of the mask, in pixels.
    pub size: [u32; 2],
    runs: Vec<Run>,
}

impl Runs {
    /// Encodes a mask of shape `[height, width]`.
    pub(crate) fn new(mask: ArrayView2<'_, bool>) -> Self {
        let (height, width) = mask.dim();
        let mut runs = Vec::new();
        for (row, line) in mask.rows().into_iter().enumerate() {
            let mut start = None;
            for (column, &inside) in line.iter().chain(std::iter::once(&false)).enumerate() {
                match (inside, start) {
                    (true, None) => start = Some(column),
                    (false, Some(first)) => {
                        runs.push(Run {
                            row: row as u32,
                            start: first as u32,
                            end: column as u32,
                        });
                        start = None;
                    }
                    _ => {}
                }
            }
        }
        Self {
            size: [height as u32, width as u32],
            runs,
        }
    }

    /// Pixels inside.
    pub(crate) fn area(&self) -> u64 {
        self.runs
            .iter()
            .map(|run| u64::from(run.end - run.start))
            .sum()
    }

    /// Whether no pixel is inside.
    pub(crate) fn is_empty(&self) -> bool {
        self.runs.is_empty()
    }

    /// The runs, row by row, left to right.
    pub(crate) fn as_slice(&self) -> &[Run] {
        &self.runs
    }

    fn iter(&self) -> impl Iterator<Item = &Run> {
        self.runs.iter()
    }

    /// Whether a pixel inside lies in the first or last row or column.
    pub(crate) fn touches_border(&self) -> bool {
        let [height, width] = self.size;
        self.runs
            .iter()
            .any(|run| run.row == 0 || run.row + 1 == height || run.start == 0 || run.end == width)
    }

    /// Components of pixels that touch by edge or corner.
    pub(crate) fn components(&self) -> usize {
        count_components(&self.runs, Connectivity::Eight)
    }

    /// Background regions enclosed by the mask.
    pub(crate) fn holes(&self) -> usize {
        if self.runs.is_empty() {
            return 0;
        }
        // The frame of one pixel around the mask makes everything outside one region.
        count_components(&self.padded_background(), Connectivity::Four) - 1
    }

    /// Dice similarity with a mask of the same size; two empty masks agree perfectly.
    pub(crate) fn dice(&self, other: &Self) -> f64 {
        let total = self.area() + other.area();
        if total == 0 {
            return 1.0;
        }
        let (mut left, mut right) = (self.iter().peekable(), other.iter().peekable());
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
        2.0 * shared as f64 / total as f64
    }

    /// Background inside the bounding box grown by one pixel, with coordinates shifted by one.
    fn padded_background(&self) -> Vec<Run> {
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
                background.push(Run {
                    row,
                    start,
                    end: run.start + 1,
                });
                start = run.end + 1;
            }
            background.push(Run {
                row,
                start,
                end: right,
            });
        }
        background
    }
}

/// Components of runs sorted by row and column, by union-find over neighbouring rows.
fn count_components(runs: &[Run], connectivity: Connectivity) -> usize {
    let reach = match connectivity {
        Connectivity::Four => 0,
        Connectivity::Eight => 1,
    };
    let mut parents: Vec<usize> = (0..runs.len()).collect();
    let mut components = runs.len();
    let mut above = 0;
    for (index, run) in runs.iter().enumerate() {
        while runs[above].row + 1 < run.row
            || (runs[above].row + 1 == run.row && runs[above].end + reach <= run.start)
        {
            above += 1;
        }
        for (candidate, other) in runs.iter().enumerate().take(index).skip(above) {
            if other.row == run.row || other.start >= run.end + reach {
                break;
            }
            let (a, b) = (root(&mut parents, candidate), root(&mut parents, index));
            if a != b {
                parents[a] = b;
                components -= 1;
            }
        }
    }
    components
}

fn root(parents: &mut [usize], mut index: usize) -> usize {
    while parents[index] != index {
        parents[index] = parents[parents[index]];
        index = parents[index];
    }
    index
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

    fn runs(rows: &[&str]) -> Runs {
        Runs::new(mask(rows).view())
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

    #[test]
    fn dice_of_two_empty_masks_is_one_and_of_one_empty_mask_zero() {
        let (empty, full) = (runs(&["...."]), runs(&["####"]));

        assert!((empty.dice(&empty) - 1.0).abs() < f64::EPSILON);
        assert!(empty.dice(&full).abs() < f64::EPSILON);
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
            let runs = Runs::new(mask.view());
            let framed = Array2::from_shape_fn((11, 13), |(y, x)| {
                (1..10).contains(&y) && (1..12).contains(&x) && mask[(y - 1, x - 1)]
            });
            let shared = mask.iter().zip(&other).filter(|&(&a, &b)| a && b).count();
            let total = mask.iter().chain(&other).filter(|&&b| b).count();
            let dice = 2.0 * shared as f64 / total.max(1) as f64;

            prop_assert_eq!(runs.area() as usize, mask.iter().filter(|&&b| b).count());
            prop_assert_eq!(runs.components(), flooded(&mask, true, true));
            prop_assert_eq!(runs.holes(), flooded(&framed, false, false) - 1);
            prop_assert!((runs.dice(&Runs::new(other.view())) - dice).abs() < 1e-12);
        }
    }
}
