//! Where a case lies in the picture that is made of it.

use ndarray::{Array2, Zip};

use super::view::View;
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
    /// The part of the frame that is shown, if not all of it: around it lies its mean grey.
    pub(crate) shown: Option<View>,
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
            shown: None,
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
        let mut image = self.warp(matrix, &sample.image, true);
        let mut target = self.warp(matrix, &sample.target, false);
        if let Some(view) = self.shown {
            let shown = self.shown(matrix, view, image.dim());
            let count = shown.iter().filter(|&&shown| shown).count();
            let sum: f32 = Zip::from(&image)
                .and(&shown)
                .fold(0.0, |sum, &v, &shown| sum + if shown { v } else { 0.0 });
            let mean = sum / count.max(1) as f32;
            for (values, fill) in [(&mut image, mean), (&mut target, 0.0)] {
                Zip::from(values)
                    .and(&shown)
                    .for_each(|v, &shown| *v = if shown { *v } else { fill });
            }
        }
        (image, target)
    }

    /// Which pixels of the output show the `view`.
    fn shown(&self, matrix: [[f32; 2]; 2], view: View, size: (usize, usize)) -> Array2<bool> {
        let centre = centre(size);
        let half = [size.0, size.1].map(|length| length as f32 / 2.0);
        Array2::from_shape_fn(size, |(row, column)| {
            let at = self.source(matrix, centre, [row as f32, column as f32]);
            (0..2).all(|axis| {
                let from_middle = at[axis] - centre[axis] - view.offset[axis];
                from_middle.abs() <= half[axis] * view.sides[axis]
            })
        })
    }

    /// Where the pixel `at` of the output comes from.
    fn source(&self, [[a, b], [c, d]]: [[f32; 2]; 2], centre: [f32; 2], at: [f32; 2]) -> [f32; 2] {
        let y = at[0] - centre[0] - self.shift[0];
        let x = at[1] - centre[1] - self.shift[1];
        [
            a * y + b * x + centre[0] + self.offset[0],
            c * y + d * x + centre[1] + self.offset[1],
        ]
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
        let centre = centre((height, width));
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
            let [sy, sx] = self.source(matrix, centre, [row as f32, column as f32]);
            let (fy, fx) = (sy.floor(), sx.floor());
            let (ty, tx) = (sy - fy, sx - fx);
            let (top, left) = (fy as isize, fx as isize);
            let upper = read(top, left) * (1.0 - tx) + read(top, left + 1) * tx;
            let lower = read(top + 1, left) * (1.0 - tx) + read(top + 1, left + 1) * tx;
            (upper * (1.0 - ty) + lower * ty) / 255.0
        })
    }
}

/// The middle of a picture: row and column.
fn centre((height, width): (usize, usize)) -> [f32; 2] {
    [(height as f32 - 1.0) / 2.0, (width as f32 - 1.0) / 2.0]
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
