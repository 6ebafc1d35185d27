//! Connected regions of a mask.

use ndarray::ArrayView2;
use serde::Serialize;

use super::Mask;
use super::label::{Connectivity, Labels};
use super::runs::{RowRun, RowRuns};

/// One connected region of a mask (8-connected).
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Component {
    /// Number of pixels.
    pub area_px: usize,
    /// Mean `[row, column]` of its pixels.
    pub centroid: [f64; 2],
    /// Smallest box that holds it: `[top, left, bottom, right]`, the last two exclusive.
    pub bounding_box: [usize; 4],
}

impl Component {
    /// The region with most pixels, the first of equals; `None` if there is none.
    pub fn largest(regions: &[Self]) -> Option<&Self> {
        regions.iter().reduce(|best, next| {
            if next.area_px > best.area_px {
                next
            } else {
                best
            }
        })
    }

    /// The same region in a larger mask, of which this one begins at `[row, column]`.
    #[must_use]
    pub fn shifted(mut self, [row, column]: [usize; 2]) -> Self {
        let area = self.area_px as f64;
        for (mean, by) in self.centroid.iter_mut().zip([row, column]) {
            // by the sum, a whole number, so that the mean is the one of the larger mask
            *mean = ((*mean * area).round() + by as f64 * area) / area;
        }
        for (corner, by) in self.bounding_box.iter_mut().zip([row, column, row, column]) {
            *corner += by;
        }
        self
    }
}

/// A mask cut into its regions.
#[derive(Clone, Debug)]
pub struct Components {
    /// The regions in reading order of their first pixel.
    pub list: Vec<Component>,
    runs: RowRuns,
    labels: Vec<usize>,
}

impl Components {
    /// Finds the regions of `mask`. Shape: `[height, width]`.
    pub fn of(mask: ArrayView2<'_, bool>) -> Self {
        let runs = RowRuns::new(mask);
        let Labels { of_run, count } = Labels::of(runs.as_slice(), Connectivity::Eight);
        let mut sums = vec![Sums::default(); count];
        for (run, &label) in runs.as_slice().iter().zip(&of_run) {
            sums[label].add(*run);
        }
        Self {
            list: sums.into_iter().map(Sums::component).collect(),
            runs,
            labels: of_run,
        }
    }

    /// Mask of the regions for which `keep` says yes. Shape: `[height, width]`.
    pub fn retain(&self, keep: impl Fn(&Component) -> bool) -> Mask {
        let kept: Vec<bool> = self.list.iter().map(keep).collect();
        self.runs.paint(|run| kept[self.labels[run]])
    }

    /// The region with most pixels, the first of equals; `None` for an empty mask.
    pub fn largest(&self) -> Option<&Component> {
        Component::largest(&self.list)
    }
}

/// What is added up over the runs of one region.
#[derive(Clone, Debug)]
struct Sums {
    area_px: usize,
    rows: usize,
    /// Twice the sum of the columns, to stay among whole numbers.
    twice_columns: usize,
    bounding_box: [usize; 4],
}

impl Default for Sums {
    fn default() -> Self {
        Self {
            area_px: 0,
            rows: 0,
            twice_columns: 0,
            bounding_box: [usize::MAX, usize::MAX, 0, 0],
        }
    }
}

impl Sums {
    fn add(&mut self, run: RowRun) {
        let [row, start, end] = [run.row, run.start, run.end].map(|number| number as usize);
        let length = end - start;
        self.area_px += length;
        self.rows += row * length;
        self.twice_columns += (start + end - 1) * length;
        let [top, left, bottom, right] = self.bounding_box;
        self.bounding_box = [
            top.min(row),
            left.min(start),
            bottom.max(row + 1),
            right.max(end),
        ];
    }

    fn component(self) -> Component {
        let sums = [self.rows, self.twice_columns / 2];
        Component {
            area_px: self.area_px,
            centroid: sums.map(|sum| sum as f64 / self.area_px as f64),
            bounding_box: self.bounding_box,
        }
    }
}

#[cfg(test)]
mod tests {
    use ndarray::Array2;
    use proptest::prelude::*;

    use super::*;

    fn mask(rows: &[&str]) -> Mask {
        let (height, width) = (rows.len(), rows[0].len());
        Array2::from_shape_fn((height, width), |(r, c)| rows[r].as_bytes()[c] == b'#')
    }

    #[test]
    #[expect(clippy::float_cmp, reason = "means of few whole numbers are exact")]
    fn diagonal_neighbours_belong_together() {
        let components = Components::of(mask(&["#....", ".#..#", "....#"]).view());

        assert_eq!(components.list.len(), 2);
        assert_eq!(components.list[0].area_px, 2);
        assert_eq!(components.list[1].bounding_box, [1, 4, 3, 5]);
        assert_eq!(components.list[1].centroid, [1.5, 4.0]);
    }

    #[test]
    fn retain_keeps_what_it_is_told() {
        let components = Components::of(mask(&["##..", "....", "...#"]).view());

        let kept = components.retain(|component| component.area_px > 1);

        assert_eq!(kept, mask(&["##..", "....", "...."]));
    }

    #[test]
    fn a_shifted_region_is_the_region_of_the_larger_mask() {
        let part = Components::of(mask(&["##.", ".#."]).view());
        let whole = Components::of(mask(&["....", "....", ".##.", "..#."]).view());

        assert_eq!(part.list[0].clone().shifted([2, 1]), whole.list[0]);
    }

    #[test]
    fn the_first_of_equally_large_regions_is_the_largest() {
        let components = Components::of(mask(&["#..##", ".....", "##..#"]).view());

        assert_eq!(components.list.len(), 4);
        let largest = components.largest().unwrap();
        assert_eq!(largest.bounding_box, [0, 3, 1, 5]);
    }

    #[test]
    fn an_empty_mask_has_no_largest_region() {
        assert_eq!(Components::of(mask(&["...", "..."]).view()).largest(), None);
    }

    proptest! {
        #[test]
        fn regions_are_measured_as_their_pixels_are(
            bits in proptest::collection::vec(any::<bool>(), 9 * 11),
        ) {
            let mask = Array2::from_shape_vec((9, 11), bits).unwrap();
            let components = Components::of(mask.view());
            let mut left = mask;
            let mut first_pixels = Vec::new();
            for region in &components.list {
                let kept = components.retain(|other| std::ptr::eq(other, region));
                let pixels: Vec<(usize, usize)> =
                    kept.indexed_iter().filter(|(_, inside)| **inside).map(|(at, _)| at).collect();
                let mean = |of: fn(&(usize, usize)) -> usize| {
                    pixels.iter().map(of).sum::<usize>() as f64 / pixels.len() as f64
                };
                let end = |of: fn(&(usize, usize)) -> usize| pixels.iter().map(of).max().unwrap() + 1;
                let start = |of: fn(&(usize, usize)) -> usize| pixels.iter().map(of).min().unwrap();

                prop_assert_eq!(region.area_px, pixels.len());
                let centroid = [mean(|at| at.0), mean(|at| at.1)];
                prop_assert_eq!(region.centroid.map(f64::to_bits), centroid.map(f64::to_bits));
                prop_assert_eq!(
                    region.bounding_box,
                    [start(|at| at.0), start(|at| at.1), end(|at| at.0), end(|at| at.1)]
                );
                first_pixels.push(pixels[0]);
                for at in pixels {
                    prop_assert!(left[at], "a pixel is in one region and in the mask");
                    left[at] = false;
                }
            }
            prop_assert!(first_pixels.is_sorted());
            prop_assert!(!left.iter().any(|&inside| inside));
        }
    }
}
