use std::collections::BTreeMap;

use ndarray::{Array2, ArrayView2};

/// Half the UNS frame: fine enough for a nerve, small enough to keep one grid per subject.
const GRID: [usize; 2] = [210, 290];

/// Where nerves usually are, counted per subject: the baseline that knows anatomy but sees no image.
///
/// Masks of any size are sampled onto one normalised grid. Empty masks are passed over. Ask for the
/// baseline with [`MeanMask::without_subject`], so that no subject helps to predict itself.
///
/// # Examples
///
/// ```
/// use ndarray::array;
/// use nerveseg_metrics::MeanMask;
///
/// let mut mean = MeanMask::new();
/// mean.add(1, array![[true, false], [false, false]].view());
/// mean.add(2, array![[false, false], [false, true]].view());
///
/// let baseline = mean.without_subject(1).expect("subject 2 remains");
/// assert_eq!(baseline.resized([2, 2]), array![[false, false], [false, true]]);
/// ```
#[derive(Clone, Debug, Default)]
pub struct MeanMask {
    subjects: BTreeMap<u32, Coverage>,
}

/// How many of `frames` masks cover each cell of the grid.
#[derive(Clone, Debug)]
struct Coverage {
    frames: u64,
    counts: Array2<u64>,
}

impl MeanMask {
    /// Nothing counted yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Counts one ground-truth mask of shape `[height, width]`.
    pub fn add(&mut self, subject_id: u32, mask: ArrayView2<'_, bool>) {
        if mask.iter().any(|&set| set) {
            let coverage = self
                .subjects
                .entry(subject_id)
                .or_insert_with(Coverage::none);
            coverage.frames += 1;
            coverage.counts += &resample(mask, GRID).mapv(u64::from);
        }
    }

    /// The mask with the highest expected Dice over the positive frames of all *other* subjects.
    ///
    /// With `p` the share of their masks that cover a pixel, the mask is `p ≥ t` for the `t` that
    /// maximises `2·Σ_{p≥t} p / (|{p ≥ t}| + Σ p)`, the expected intersection over the expected
    /// sum of areas. `None` if no other subject has a nerve.
    pub fn without_subject(&self, subject_id: u32) -> Option<BaselineMask> {
        let mut others = Coverage::none();
        for (_, coverage) in self.subjects.iter().filter(|&(&id, _)| id != subject_id) {
            others.frames += coverage.frames;
            others.counts += &coverage.counts;
        }
        (others.frames > 0).then(|| others.best_mask())
    }
}

impl Coverage {
    fn none() -> Self {
        Self {
            frames: 0,
            counts: Array2::zeros(GRID),
        }
    }

    /// Tries every level from "all masks cover it" to "one does" and keeps the best.
    fn best_mask(&self) -> BaselineMask {
        let mut cells = vec![0_u64; self.frames as usize + 1];
        for &count in &self.counts {
            cells[count as usize] += 1;
        }
        let total: u64 = self.counts.sum();
        let (mut area, mut covered) = (0, 0);
        let mut best = (0.0, self.frames);
        for level in (1..=self.frames).rev() {
            area += cells[level as usize];
            covered += level * cells[level as usize];
            let expected_dice = 2.0 * covered as f64 / (self.frames * area + total) as f64;
            if expected_dice > best.0 {
                best = (expected_dice, level);
            }
        }
        BaselineMask {
            grid: self.counts.mapv(|count| count >= best.1),
        }
    }
}

/// A baseline prediction that can be had at any size.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BaselineMask {
    grid: Array2<bool>,
}

impl BaselineMask {
    /// The mask at `size = [height, width]`, in pixels; the same for every case of that size.
    pub fn resized(&self, size: [usize; 2]) -> Array2<bool> {
        resample(self.grid.view(), size)
    }
}

/// Nearest neighbour by pixel centres, to shape `size`.
fn resample(mask: ArrayView2<'_, bool>, size: [usize; 2]) -> Array2<bool> {
    let nearest = |to: usize, from: usize| -> Vec<usize> {
        (0..to).map(|at| (2 * at + 1) * from / (2 * to)).collect()
    };
    let rows = nearest(size[0], mask.nrows());
    let cols = nearest(size[1], mask.ncols());
    Array2::from_shape_fn(size, |(row, col)| mask[[rows[row], cols[col]]])
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The first `cols` columns of a 17×23 frame.
    fn left(cols: usize) -> Array2<bool> {
        Array2::from_shape_fn((17, 23), |(_, col)| col < cols)
    }

    #[test]
    fn own_subject_is_left_out() {
        let mut mean = MeanMask::new();
        mean.add(1, left(20).view());
        mean.add(2, left(5).view());

        assert_eq!(mean.without_subject(1).unwrap().resized([17, 23]), left(5));
        assert_eq!(mean.without_subject(2).unwrap().resized([17, 23]), left(20));
    }

    #[test]
    fn single_subject_has_no_baseline() {
        let mut mean = MeanMask::new();
        mean.add(1, left(5).view());
        mean.add(2, left(0).view());

        assert_eq!(mean.without_subject(1), None);
        assert!(mean.without_subject(2).is_some());
    }

    #[test]
    fn threshold_maximises_expected_dice() {
        let mut mean = MeanMask::new();
        for cols in [4, 10, 10] {
            mean.add(1, left(cols).view());
        }

        // Σp = 8 columns. All three: 2·4 / (4+8) = 0.67; two of three: 2·8 / (10+8) = 0.89.
        assert_eq!(mean.without_subject(9).unwrap().resized([17, 23]), left(10));
    }

    #[test]
    fn size_is_normalised_away() {
        let mut mean = MeanMask::new();
        mean.add(
            1,
            Array2::from_shape_fn((420, 580), |(row, _)| row < 210).view(),
        );

        let small = mean.without_subject(2).unwrap().resized([16, 23]);

        assert_eq!(small, Array2::from_shape_fn((16, 23), |(row, _)| row < 8));
    }
}
