//! An ellipse of a frame: what it weighs, what it meets, and how its content is pasted.

use ndarray::Array2;

use crate::sample::Sample;

/// Share of the radius over which a graft fades into its surroundings.
const FADE: f32 = 0.3;

/// An upright ellipse, in pixels.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Ellipse {
    pub(super) row: f32,
    pub(super) column: f32,
    pub(super) height: f32,
    pub(super) width: f32,
}

impl Ellipse {
    /// The one about all pixels of the nerve.
    pub(super) fn about_nerve(target: &Array2<u8>) -> Option<Self> {
        let inside = target.indexed_iter().filter(|(_, t)| **t >= 128);
        let (mut top, mut left, mut bottom, mut right) = (usize::MAX, usize::MAX, 0, 0);
        for ((row, column), _) in inside {
            (top, bottom) = (top.min(row), bottom.max(row));
            (left, right) = (left.min(column), right.max(column));
        }
        if top == usize::MAX {
            return None;
        }
        let middle = |a: usize, b: usize| (a + b) as f32 / 2.0;
        // the ellipse through a box's corners is √2 as long as the box; a nerve seldom fills corners
        let reach = |a: usize, b: usize| (b - a + 1) as f32 / 2.0 * 1.25 + 2.0;
        Some(Self {
            row: middle(top, bottom),
            column: middle(left, right),
            height: reach(top, bottom),
            width: reach(left, right),
        })
    }

    pub(super) fn moved(self, [rows, columns]: [f32; 2]) -> Self {
        Self {
            row: self.row + rows,
            column: self.column + columns,
            ..self
        }
    }

    /// 1 inside, 0 beyond the fading edge.
    fn weight(&self, row: f32, column: f32) -> f32 {
        let y = (row - self.row) / self.height;
        let x = (column - self.column) / self.width;
        ((1.0 + FADE - y.hypot(x)) / FADE).clamp(0.0, 1.0)
    }

    /// Rows and columns that it may weigh, clipped to an image of `[height, width]`.
    fn span(&self, [height, width]: [usize; 2]) -> [std::ops::Range<usize>; 2] {
        let clip = |middle: f32, reach: f32, size: usize| {
            let reach = reach * (1.0 + FADE);
            let first = (middle - reach).floor().clamp(0.0, size as f32) as usize;
            let last = (middle + reach).ceil().clamp(0.0, size as f32) as usize;
            first..last
        };
        [
            clip(self.row, self.height, height),
            clip(self.column, self.width, width),
        ]
    }

    /// Whether its middle half lies in the image; the border is repeated beyond it.
    pub(super) fn is_inside(&self, [height, width]: [usize; 2]) -> bool {
        let inside = |middle: f32, reach: f32, size: usize| {
            middle - reach / 2.0 >= 0.0 && middle + reach / 2.0 < size as f32
        };
        inside(self.row, self.height, height) && inside(self.column, self.width, width)
    }

    /// Whether two ellipses may overlap.
    pub(super) fn meets(&self, other: &Self) -> bool {
        (self.row - other.row).abs() < (self.height + other.height) * (1.0 + FADE)
            && (self.column - other.column).abs() < (self.width + other.width) * (1.0 + FADE)
    }

    /// Whether there is nerve where it lies after a move by `by`.
    pub(super) fn touches(&self, target: &Array2<u8>, by: [f32; 2]) -> bool {
        let (height, width) = target.dim();
        let region = self.moved(by);
        let [rows, columns] = region.span([height, width]);
        rows.into_iter().any(|row| {
            columns.clone().any(|column| {
                target[[row, column]] > 0 && region.weight(row as f32, column as f32) > 0.0
            })
        })
    }

    /// `host` with what `donor` shows at this region moved by `from`, as bright as the host is
    /// there, and with the donor's target.
    pub(super) fn paste(&self, host: &Sample, donor: &Sample, from: [f32; 2]) -> Sample {
        let mut grafted = host.clone();
        let (height, width) = host.image.dim();
        let shift = from.map(|by| by.round() as isize);
        let source = |row: usize, column: usize| {
            let clamp = |at: usize, by: isize, size: usize| {
                (at as isize + by).clamp(0, size as isize - 1) as usize
            };
            [clamp(row, shift[0], height), clamp(column, shift[1], width)]
        };
        let [rows, columns] = self.span([height, width]);
        let pixels: Vec<([usize; 2], f32)> = rows
            .flat_map(|row| columns.clone().map(move |column| [row, column]))
            .map(|[row, column]| ([row, column], self.weight(row as f32, column as f32)))
            .filter(|(_, weight)| *weight > 0.0)
            .collect();
        // the fading rim is what both have in common
        let (mut ours, mut theirs) = (1.0_f32, 1.0_f32);
        for &([row, column], weight) in &pixels {
            if weight < 1.0 {
                ours += f32::from(host.image[[row, column]]);
                theirs += f32::from(donor.image[source(row, column)]);
            }
        }
        let gain = (ours / theirs).clamp(0.5, 2.0);
        for ([row, column], weight) in pixels {
            let from = source(row, column);
            let at = [row, column];
            let mix = |own: u8, other: f32| {
                ((1.0 - weight) * f32::from(own) + weight * other.min(255.0)).round() as u8
            };
            grafted.image[at] = mix(host.image[at], gain * f32::from(donor.image[from]));
            grafted.target[at] = mix(host.target[at], f32::from(donor.target[from]));
        }
        grafted.present = grafted.target.iter().any(|&t| t >= 128);
        grafted
    }
}
