//! Which runs of a mask hang together: the one place that finds connected regions.

use super::runs::{RowRun, RowRuns};

/// Which neighbours of a pixel belong to the same region.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Connectivity {
    /// Those that share an edge.
    Four,
    /// Those that share an edge or a corner.
    Eight,
}

/// The region of each run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Labels {
    /// Region of each run, from 0, in reading order of the regions' first pixels.
    pub of_run: Vec<usize>,
    /// Number of regions.
    pub count: usize,
}

impl Labels {
    /// Labels runs that are sorted by row and column, by union-find over neighbouring rows.
    pub(super) fn of(runs: &[RowRun], connectivity: Connectivity) -> Self {
        let reach = match connectivity {
            Connectivity::Four => 0,
            Connectivity::Eight => 1,
        };
        let mut parents: Vec<usize> = (0..runs.len()).collect();
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
                // the first run of a region is its root, so that regions come in reading order
                parents[a.max(b)] = a.min(b);
            }
        }
        let mut count = 0;
        let mut of_run = vec![0; runs.len()];
        for index in 0..runs.len() {
            let root = root(&mut parents, index);
            if root == index {
                of_run[index] = count;
                count += 1;
            } else {
                of_run[index] = of_run[root];
            }
        }
        Self { of_run, count }
    }
}

impl RowRuns {
    /// Number of components: pixels that touch by edge or corner belong together.
    pub(crate) fn components(&self) -> usize {
        Labels::of(self.as_slice(), Connectivity::Eight).count
    }

    /// Background regions enclosed by the mask.
    pub(crate) fn holes(&self) -> usize {
        if self.is_empty() {
            return 0;
        }
        // The frame of one pixel around the mask makes everything outside one region.
        Labels::of(&self.padded_background(), Connectivity::Four).count - 1
    }

    /// Background inside the bounding box grown by one pixel, with coordinates shifted by one.
    fn padded_background(&self) -> Vec<RowRun> {
        let mut bounds = [u32::MAX, 0, u32::MAX, 0]; // top, bottom, left, right
        for run in self.as_slice() {
            bounds[0] = bounds[0].min(run.row);
            bounds[1] = bounds[1].max(run.row);
            bounds[2] = bounds[2].min(run.start);
            bounds[3] = bounds[3].max(run.end);
        }
        let [top, bottom, left, right] = bounds;
        let (left, right) = (left, right + 2);
        let mut inside = self.as_slice().iter().peekable();
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

    fn runs(rows: &[&str]) -> RowRuns {
        let size = (rows.len(), rows[0].len());
        let mask = Array2::from_shape_fn(size, |(y, x)| rows[y].as_bytes()[x] == b'#');
        RowRuns::new(mask.view())
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
        ) {
            let mask = Array2::from_shape_vec((9, 11), bits).unwrap();
            let runs = RowRuns::new(mask.view());
            let framed = Array2::from_shape_fn((11, 13), |(y, x)| {
                (1..10).contains(&y) && (1..12).contains(&x) && mask[(y - 1, x - 1)]
            });

            prop_assert_eq!(runs.components(), flooded(&mask, true, true));
            prop_assert_eq!(runs.holes(), flooded(&framed, false, false) - 1);
        }
    }
}
