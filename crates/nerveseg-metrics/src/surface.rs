use std::fmt;
use std::ops::Range;

use ndarray::{Array2, ArrayView2, AxisDescription, Slice, Zip};
use serde::{Deserialize, Serialize};

use crate::distance_transform::directed_distances;
use crate::statistics::quantile;

/// Unit of a surface distance.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LengthUnit {
    /// Pixels, where the spacing is not known.
    Px,
    /// Millimetres, where it is.
    Mm,
}

impl LengthUnit {
    /// `px` or `mm`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Px => "px",
            Self::Mm => "mm",
        }
    }
}

impl fmt::Display for LengthUnit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// Distances between the surfaces of two masks.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct SurfaceDistances {
    /// Larger of the two directed 95th percentiles.
    pub(crate) hausdorff95: f64,
    /// Mean of both directed sets of distances, pooled.
    pub(crate) assd: f64,
}

/// Compares two surfaces; `None` if either mask is empty.
///
/// A surface pixel is a mask pixel with one of its four neighbours outside the mask or outside the
/// image: MONAI's `get_mask_edges`, `binary_erosion(mask) ^ mask` in scipy.
///
/// # Shapes
///
/// - `prediction`, `ground_truth`: `[height, width]`
/// - `spacing`: length of a step along `[row, column]`
pub(crate) fn surface_distances(
    prediction: ArrayView2<'_, bool>,
    ground_truth: ArrayView2<'_, bool>,
    spacing: [f64; 2],
) -> Option<SurfaceDistances> {
    let (rows, cols) = joint_bounds(prediction, ground_truth)?;
    let bounds = [Slice::from(rows), Slice::from(cols)];
    let predicted = surface(prediction.slice_each_axis(|axis| bounds[axis.axis.index()]));
    let truth = surface(ground_truth.slice_each_axis(|axis| bounds[axis.axis.index()]));
    if !predicted.iter().any(|&set| set) || !truth.iter().any(|&set| set) {
        return None;
    }
    let mut forth = directed_distances(predicted.view(), truth.view(), spacing);
    let mut back = directed_distances(truth.view(), predicted.view(), spacing);
    let total: f64 = forth.iter().chain(&back).sum();
    Some(SurfaceDistances {
        hausdorff95: quantile(&mut forth, 0.95)?.max(quantile(&mut back, 0.95)?),
        assd: total / (forth.len() + back.len()) as f64,
    })
}

/// Rows and columns of the smallest box that holds both masks, or `None` if both are empty.
///
/// No distance depends on a pixel outside it, because surface pixels lie inside.
fn joint_bounds(
    a: ArrayView2<'_, bool>,
    b: ArrayView2<'_, bool>,
) -> Option<(Range<usize>, Range<usize>)> {
    let mut rows = vec![false; a.nrows()];
    let mut cols = vec![false; a.ncols()];
    for (row, (a, b)) in a.rows().into_iter().zip(b.rows()).enumerate() {
        Zip::from(&mut cols).and(a).and(b).for_each(|col, &a, &b| {
            *col |= a | b;
            rows[row] |= a | b;
        });
    }
    Some((extent(&rows)?, extent(&cols)?))
}

/// From the first to the last set element.
fn extent(set: &[bool]) -> Option<Range<usize>> {
    let first = set.iter().position(|&set| set)?;
    let last = set.iter().rposition(|&set| set)?;
    Some(first..last + 1)
}

/// Mask pixels with a 4-neighbour that is not in the mask; beyond the edge nothing is.
fn surface(mask: ArrayView2<'_, bool>) -> Array2<bool> {
    let (height, width) = mask.dim();
    let mut padded = Array2::from_elem((height + 2, width + 2), false);
    let window = |row: usize, col: usize| {
        let window = [
            Slice::from(row..row + height),
            Slice::from(col..col + width),
        ];
        move |axis: AxisDescription| window[axis.axis.index()]
    };
    padded.slice_each_axis_mut(window(1, 1)).assign(&mask);
    Zip::from(mask)
        .and(padded.slice_each_axis(window(0, 1)))
        .and(padded.slice_each_axis(window(2, 1)))
        .and(padded.slice_each_axis(window(1, 0)))
        .and(padded.slice_each_axis(window(1, 2)))
        .map_collect(|&here, &up, &down, &left, &right| here && !(up & down & left & right))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A filled rectangle in a 17×23 frame.
    fn rectangle(rows: Range<usize>, cols: Range<usize>) -> Array2<bool> {
        Array2::from_shape_fn((17, 23), |(row, col)| {
            rows.contains(&row) && cols.contains(&col)
        })
    }

    #[test]
    fn surface_is_the_rim_and_includes_the_image_border() {
        let touching_the_corner = rectangle(0..5, 0..7);

        let rim = surface(touching_the_corner.view());

        assert_eq!(rim.iter().filter(|&&set| set).count(), 5 * 7 - 3 * 5);
        assert!(rim[[0, 3]] && rim[[2, 0]] && !rim[[2, 3]]);
    }

    #[test]
    fn identical_masks_are_at_distance_zero() {
        let mask = rectangle(3..9, 4..15);

        let found = surface_distances(mask.view(), mask.view(), [1.0, 1.0]);

        assert_eq!(
            found,
            Some(SurfaceDistances {
                hausdorff95: 0.0,
                assd: 0.0
            })
        );
    }

    #[test]
    fn single_pixels_are_at_the_distance_between_them() {
        let (a, b) = (rectangle(2..3, 4..5), rectangle(5..6, 8..9));

        let pixels = surface_distances(a.view(), b.view(), [1.0, 1.0]).unwrap();
        let millimetres = surface_distances(a.view(), b.view(), [2.0, 0.5]).unwrap();

        assert_eq!(
            pixels,
            SurfaceDistances {
                hausdorff95: 5.0,
                assd: 5.0
            }
        );
        assert!(
            (millimetres.hausdorff95 - 40.0_f64.sqrt()).abs() < 1e-12,
            "one square root"
        );
    }

    #[test]
    fn empty_mask_has_no_surface_to_measure_from() {
        let (mask, empty) = (rectangle(3..9, 4..15), rectangle(0..0, 0..0));

        assert_eq!(
            surface_distances(mask.view(), empty.view(), [1.0, 1.0]),
            None
        );
        assert_eq!(
            surface_distances(empty.view(), mask.view(), [1.0, 1.0]),
            None
        );
        assert_eq!(
            surface_distances(empty.view(), empty.view(), [1.0, 1.0]),
            None
        );
    }
}
