//! A part of a frame, and how it is chosen by what it holds of the nerve.

use ndarray::{Array2, ArrayView2, s};
use rand::{Rng, RngExt as _};

/// Parts that are looked at before it is given up.
const TRIES: usize = 12;

/// A part beside the nerve may hold this share of it: an outline is not exact to the pixel.
pub(super) const TOUCHED: f64 = 0.02;

/// A part with the nerve holds at least this share of it.
pub(super) const HELD: f64 = 0.9;

/// A part of a frame.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct View {
    /// Its height and width, as shares of the frame's.
    pub(super) sides: [f32; 2],
    /// Its centre, from the frame's, in pixels: row and column.
    pub(super) offset: [f32; 2],
}

impl View {
    /// The frame itself.
    pub(super) const WHOLE: Self = Self {
        sides: [1.0; 2],
        offset: [0.0; 2],
    };

    /// A part of these sides with or beside the nerve of `target`, if one is found: for most frames
    /// none lies beside it. Without a nerve any part will do.
    pub(super) fn find(
        target: &Array2<u8>,
        sides: [f32; 2],
        with_nerve: bool,
        rng: &mut impl Rng,
    ) -> Option<Self> {
        let nerve = mass(target.view());
        let size: [usize; 2] = target.dim().into();
        let mut drawn = (0..TRIES).map(|_| {
            let offset = [0, 1].map(|axis| {
                let reach = (1.0 - sides[axis]) / 2.0;
                let share: f32 = rng.random_range(-reach..=reach);
                share * size[axis] as f32
            });
            Self { sides, offset }
        });
        drawn.find(|view| {
            let held = view.held(target);
            match with_nerve {
                _ if nerve == 0.0 => true,
                true => held >= HELD * nerve,
                false => held <= TOUCHED * nerve,
            }
        })
    }

    /// How much of the nerve lies inside.
    pub(super) fn held(&self, target: &Array2<u8>) -> f64 {
        let size: [usize; 2] = target.dim().into();
        let [rows, columns] = [0, 1].map(|axis| {
            let length = size[axis] as f32;
            let (middle, half) = (
                length / 2.0 + self.offset[axis],
                length / 2.0 * self.sides[axis],
            );
            let edge = |at: f32| at.round().clamp(0.0, length) as usize;
            edge(middle - half)..edge(middle + half)
        });
        mass(target.slice(s![rows, columns]))
    }
}

pub(super) fn mass(target: ArrayView2<'_, u8>) -> f64 {
    target.iter().map(|&t| f64::from(t)).sum()
}
