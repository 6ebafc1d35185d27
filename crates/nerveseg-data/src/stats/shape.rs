//! Size, place and form of a mask.

use ndarray::ArrayView2;
use serde::Serialize;

use super::REFERENCE_SIZE;
use crate::mask::RowRuns;

/// Size, place and form of one mask, scaled to a frame of 580x420 pixels.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct ShapeStats {
    /// Pixels of the mask.
    pub area_px: f64,
    /// Centre of mass, `[x, y]`.
    pub centroid: [f64; 2],
    /// Short axis over long axis of the ellipse with the same second moments.
    pub axis_ratio: f64,
    /// Direction of the long axis in degrees, x to the right and y down, in `(-90, 90]`; negative
    /// leans right at the top.
    pub angle_deg: f64,
    /// Area over the area of the convex hull (of pixel corners), at most 1.
    pub solidity: f64,
    /// Parts that touch neither along an edge nor at a corner.
    pub components: usize,
}

impl ShapeStats {
    /// Measures a mask; `None` if it is empty.
    pub fn of(mask: ArrayView2<'_, bool>) -> Option<Self> {
        let (height, width) = mask.dim();
        let [sy, sx] = [
            REFERENCE_SIZE[0] / height as f64,
            REFERENCE_SIZE[1] / width as f64,
        ];
        let mut moments = Moments::default();
        for ((row, column), _) in mask.indexed_iter().filter(|&(_, &set)| set) {
            moments.add(column as f64 * sx, row as f64 * sy);
        }
        if moments.count == 0.0 {
            return None;
        }
        let (axis_ratio, angle_deg) = moments.ellipse();
        Some(Self {
            area_px: moments.count * sx * sy,
            centroid: moments.mean(),
            axis_ratio,
            angle_deg,
            solidity: moments.count / hull_area(mask),
            components: RowRuns::new(mask).components(),
        })
    }
}

#[derive(Default)]
struct Moments {
    count: f64,
    x: f64,
    y: f64,
    xx: f64,
    xy: f64,
    yy: f64,
}

impl Moments {
    fn add(&mut self, x: f64, y: f64) {
        self.count += 1.0;
        self.x += x;
        self.y += y;
        self.xx += x * x;
        self.xy += x * y;
        self.yy += y * y;
    }

    fn mean(&self) -> [f64; 2] {
        [self.x / self.count, self.y / self.count]
    }

    /// Axis ratio and angle in degrees of the long axis, from the eigenvalues of the covariance.
    fn ellipse(&self) -> (f64, f64) {
        let [x, y] = self.mean();
        // a pixel is a square with variance 1/12, which keeps a single row from having no width
        let xx = self.xx / self.count - x * x + 1.0 / 12.0;
        let yy = self.yy / self.count - y * y + 1.0 / 12.0;
        let xy = self.xy / self.count - x * y;
        let spread = ((xx - yy).powi(2) + 4.0 * xy * xy).sqrt();
        let (long, short) = (xx + yy + spread, (xx + yy - spread).max(0.0));
        (
            (short / long).sqrt(),
            0.5 * (2.0 * xy).atan2(xx - yy).to_degrees(),
        )
    }
}

/// Area of the convex hull of the pixels' corners, in pixels (monotone chain).
fn hull_area(mask: ArrayView2<'_, bool>) -> f64 {
    let mut corners: Vec<[i64; 2]> = Vec::new();
    for (row, pixels) in mask.rows().into_iter().enumerate() {
        let first = pixels.iter().position(|&set| set);
        let last = pixels.iter().rposition(|&set| set);
        if let (Some(first), Some(last)) = (first, last) {
            for y in [row as i64, row as i64 + 1] {
                corners.extend([[first as i64, y], [last as i64 + 1, y]]);
            }
        }
    }
    corners.sort_unstable();
    corners.dedup();
    let mut hull = half_hull(corners.iter().copied());
    hull.extend(half_hull(corners.iter().rev().copied()));
    let twice: i64 = (0..hull.len())
        .map(|i| {
            let ([x0, y0], [x1, y1]) = (hull[i], hull[(i + 1) % hull.len()]);
            x0 * y1 - x1 * y0
        })
        .sum();
    twice.abs() as f64 / 2.0
}

/// One side of the hull without its last point, which starts the other side.
fn half_hull(points: impl Iterator<Item = [i64; 2]>) -> Vec<[i64; 2]> {
    let mut side: Vec<[i64; 2]> = Vec::new();
    for point in points {
        while let [.., a, b] = side[..] {
            let cross = (b[0] - a[0]) * (point[1] - a[1]) - (b[1] - a[1]) * (point[0] - a[0]);
            if cross > 0 {
                break;
            }
            side.pop();
        }
        side.push(point);
    }
    side.pop();
    side
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Mask;

    /// Filled rectangle in a frame of the reference size.
    fn rectangle(rows: std::ops::Range<usize>, columns: std::ops::Range<usize>) -> Mask {
        Mask::from_shape_fn((420, 580), |(y, x)| {
            rows.contains(&y) && columns.contains(&x)
        })
    }

    #[test]
    fn empty_mask_has_no_shape() {
        assert_eq!(ShapeStats::of(Mask::default((17, 23)).view()), None);
    }

    #[test]
    #[expect(clippy::float_cmp, reason = "sums of whole numbers are exact")]
    fn rectangle_is_measured_exactly() {
        let shape = ShapeStats::of(rectangle(10..20, 100..140).view()).unwrap();

        assert_eq!(shape.area_px, 400.0);
        assert_eq!(shape.centroid, [119.5, 14.5]);
        assert!((shape.axis_ratio - 0.25).abs() < 1e-9, "{shape:?}");
        assert!(shape.angle_deg.abs() < 1e-9, "{shape:?}");
        assert_eq!(shape.solidity, 1.0);
        assert_eq!(shape.components, 1);
    }

    #[test]
    fn diagonal_that_leans_right_at_the_top_has_a_negative_angle() {
        let mask = Mask::from_shape_fn((420, 580), |(y, x)| (x + y).abs_diff(300) < 4 && y < 200);

        let shape = ShapeStats::of(mask.view()).unwrap();

        assert!((shape.angle_deg + 45.0).abs() < 1.0, "{shape:?}");
    }

    #[test]
    fn parts_are_counted_and_lower_the_solidity() {
        let mask = rectangle(10..20, 100..140) | rectangle(40..50, 100..140);

        let shape = ShapeStats::of(mask.view()).unwrap();

        assert_eq!(shape.components, 2);
        assert!((shape.solidity - 0.5).abs() < 1e-9, "{shape:?}");
    }

    #[test]
    fn parts_that_touch_at_a_corner_are_one() {
        let mask = rectangle(10..20, 100..140) | rectangle(20..30, 140..150);

        assert_eq!(ShapeStats::of(mask.view()).unwrap().components, 1);
    }

    #[test]
    fn size_of_the_frame_cancels_out() {
        let small = Mask::from_shape_fn((210, 290), |(y, x)| (5..10).contains(&y) && x < 20);
        let large = rectangle(10..20, 0..40);

        let small = ShapeStats::of(small.view()).unwrap();
        let large = ShapeStats::of(large.view()).unwrap();

        assert!((small.area_px - large.area_px).abs() < 1e-9);
    }
}
