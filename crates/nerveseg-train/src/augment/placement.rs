//! Where a case lies in the picture that is made of it.

use ndarray::Array2;

use crate::sample::{Sample, unit};

/// A mirror, a zoom, a turn and a shift about the centre.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Placement {
    /// Whether left and right change places.
    pub(crate) mirrored: bool,
    /// How much larger everything becomes.
    pub(crate) zoom: f32,
    /// Rotation in radians.
    pub(crate) angle: f32,
    /// How far the picture moves, in pixels: rows and columns.
    pub(crate) shift: [f32; 2],
    /// The point that is looked at, from the centre, in pixels: rows and columns.
    pub(crate) offset: [f32; 2],
}

impl Default for Placement {
    /// Where it was.
    fn default() -> Self {
        Self {
            mirrored: false,
            zoom: 1.0,
            angle: 0.0,
            shift: [0.0; 2],
            offset: [0.0; 2],
        }
    }
}

impl Placement {
    /// Image and target of `sample` in their new place, in `[0, 1]`.
    pub(crate) fn apply(&self, sample: &Sample) -> (Array2<f32>, Array2<f32>) {
        if *self == Self::default() {
            return (unit(&sample.image), unit(&sample.target));
        }
        let matrix = self.matrix();
        (
            self.warp(matrix, &sample.image, true),
            self.warp(matrix, &sample.target, false),
        )
    }

    /// From output pixel to input pixel, without the centre.
    fn matrix(&self) -> [[f32; 2]; 2] {
        let mirror = if self.mirrored { -1.0 } else { 1.0 };
        let (sin, cos) = (self.angle.sin() / self.zoom, self.angle.cos() / self.zoom);
        [[cos, sin * mirror], [-sin, cos * mirror]]
    }

    /// Samples bilinearly; outside lies the border (`repeat`) or nothing.
    fn warp(&self, matrix: [[f32; 2]; 2], pixels: &Array2<u8>, repeat: bool) -> Array2<f32> {
        let (height, width) = pixels.dim();
        let centre = [(height as f32 - 1.0) / 2.0, (width as f32 - 1.0) / 2.0];
        let [[a, b], [c, d]] = matrix;
        let read = |row: isize, column: isize| -> f32 {
            let inside =
                (0..height as isize).contains(&row) && (0..width as isize).contains(&column);
            if !inside && !repeat {
                return 0.0;
            }
            let row = row.clamp(0, height as isize - 1) as usize;
            let column = column.clamp(0, width as isize - 1) as usize;
            f32::from(pixels[[row, column]])
        };
        Array2::from_shape_fn((height, width), |(row, column)| {
            let y = row as f32 - centre[0] - self.shift[0];
            let x = column as f32 - centre[1] - self.shift[1];
            let (sy, sx) = (
                a * y + b * x + centre[0] + self.offset[0],
                c * y + d * x + centre[1] + self.offset[1],
            );
            let (fy, fx) = (sy.floor(), sx.floor());
            let (ty, tx) = (sy - fy, sx - fx);
            let (top, left) = (fy as isize, fx as isize);
            let upper = read(top, left) * (1.0 - tx) + read(top, left + 1) * tx;
            let lower = read(top + 1, left) * (1.0 - tx) + read(top + 1, left + 1) * tx;
            (upper * (1.0 - ty) + lower * ty) / 255.0
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const QUARTER_TURN: [[f32; 2]; 2] = [[0.0, 1.0], [-1.0, 0.0]];

    #[test]
    #[expect(clippy::float_cmp, reason = "whole pixels land on whole pixels")]
    fn rotation_moves_the_centroid_about_the_centre() {
        let mut pixels = Array2::<u8>::zeros((21, 21));
        pixels[[2, 10]] = 255;

        let turned = Placement::default().warp(QUARTER_TURN, &pixels, false);

        assert_eq!(turned[[10, 2]], 1.0);
    }

    #[test]
    fn a_quarter_of_a_circle_is_a_quarter_turn() {
        let quarter = Placement {
            angle: std::f32::consts::FRAC_PI_2,
            ..Placement::default()
        };

        for (found, expected) in quarter.matrix().iter().zip(QUARTER_TURN) {
            for (found, expected) in found.iter().zip(expected) {
                // rounding of an angle of 1.57
                assert!((found - expected).abs() < 1e-6);
            }
        }
    }
}
