//! Windows of a frame, with its nerve or beside it: real tissue without a nerve.
//!
//! UNS shows few empty frames to those who have only its positive ones, but much of a positive
//! frame is tissue without a nerve. Large windows are best (`docs/evaluation.md`): in small ones
//! everything is enlarged, and that gives away what is no whole frame.

use ndarray::{Array2, s};
use rand::{Rng, RngExt as _};

use super::augmentation::Augmentation;
use super::placement::Placement;
use crate::number::Number;

/// Sides of a window, as shares of the frame's.
const SIDES: std::ops::Range<f32> = 0.5..0.85;

/// Windows that are looked at before it is given up.
const TRIES: usize = 12;

/// A window beside the nerve may hold this share of it: an outline is not exact to the pixel.
const TOUCHED: f64 = 0.02;

/// A window with the nerve holds at least this share of it.
const HELD: f64 = 0.9;

/// How often a part of a frame is looked at.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Windows {
    /// Probability that a part of the frame is looked at instead, with its nerve or beside it: an
    /// empty frame.
    pub window: f64,
}

impl Augmentation for Windows {
    fn none() -> Self {
        Self::default()
    }

    fn numbers(&self) -> Vec<Number> {
        vec![("window", self.window, 0.0..=1.0)]
    }

    fn place(&self, placement: &mut Placement, target: &Array2<u8>, rng: &mut impl Rng) {
        if rng.random::<f64>() < self.window {
            let Window { side, offset } = Window::draw(target, rng);
            placement.zoom /= side;
            placement.offset = offset;
        }
    }
}

/// A part of a frame, of the frame's own aspect.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Window {
    /// Its sides, as a share of the frame's.
    side: f32,
    /// Its centre, from the frame's, in pixels: row and column.
    offset: [f32; 2],
}

impl Window {
    /// The frame itself.
    const WHOLE: Self = Self {
        side: 1.0,
        offset: [0.0; 2],
    };

    /// A window with or beside the nerve of `target`, each half of the time; the whole frame if
    /// no nerve is there or no such window is found, as for most frames beside the nerve.
    fn draw(target: &Array2<u8>, rng: &mut impl Rng) -> Self {
        let with_nerve = rng.random::<bool>();
        let side = rng.random_range(SIDES);
        let nerve = mass(target.view());
        if nerve == 0.0 {
            return Self::WHOLE;
        }
        let (height, width) = target.dim();
        let reach = (1.0 - side) / 2.0;
        let mut drawn = (0..TRIES).map(|_| {
            let offset = [height, width].map(|length| {
                let share: f32 = rng.random_range(-reach..=reach);
                share * length as f32
            });
            Self { side, offset }
        });
        let found = drawn.find(|window| {
            let held = window.held(target) / nerve;
            if with_nerve {
                held >= HELD
            } else {
                held <= TOUCHED
            }
        });
        found.unwrap_or(Self::WHOLE)
    }

    /// How much of the nerve lies inside.
    fn held(&self, target: &Array2<u8>) -> f64 {
        let range = |length: usize, offset: f32| {
            let (middle, half) = (
                length as f32 / 2.0 + offset,
                length as f32 / 2.0 * self.side,
            );
            let edge = |at: f32| at.round().clamp(0.0, length as f32) as usize;
            edge(middle - half)..edge(middle + half)
        };
        let (height, width) = target.dim();
        let (rows, columns) = (range(height, self.offset[0]), range(width, self.offset[1]));
        mass(target.slice(s![rows, columns]))
    }
}

fn mass(target: ndarray::ArrayView2<'_, u8>) -> f64 {
    target.iter().map(|&t| f64::from(t)).sum()
}

#[cfg(test)]
mod tests {
    use rand::SeedableRng as _;
    use rand_chacha::ChaCha8Rng;

    use super::super::testing::{only, rng, sample};
    use super::*;
    use crate::sample::unit;

    fn target() -> Array2<u8> {
        let inside = |r: usize, c: usize| (20..30).contains(&r) && (8..24).contains(&c);
        Array2::from_shape_fn((62, 90), |(r, c)| if inside(r, c) { 255 } else { 0 })
    }

    #[test]
    fn windows_hold_the_nerve_or_stay_beside_it_and_inside_the_frame() {
        let target = target();
        let nerve = mass(target.view());
        let (mut with, mut beside) = (0, 0);
        for seed in 0..200 {
            let window = Window::draw(&target, &mut ChaCha8Rng::seed_from_u64(seed));
            if window == Window::WHOLE {
                continue;
            }
            let held = window.held(&target) / nerve;
            for (offset, length) in window.offset.iter().zip([62.0, 90.0]) {
                assert!(offset.abs() / length <= (1.0 - window.side) / 2.0 + 1e-6);
            }
            if held >= HELD {
                with += 1;
            } else {
                assert!(held <= TOUCHED, "{held}");
                beside += 1;
            }
        }
        assert!(with > 70 && beside > 10, "{with} with, {beside} beside");
    }

    #[test]
    fn a_frame_without_a_nerve_stays_whole() {
        let empty = Array2::zeros((62, 90));

        let window = Window::draw(&empty, &mut ChaCha8Rng::seed_from_u64(1));

        assert_eq!(window, Window::WHOLE);
    }

    #[test]
    fn a_window_fills_the_image_and_moves_the_target_with_it() {
        let (config, whole) = (only("window = 1.0"), sample());
        let drawn = (0..20).map(|seed| config.vary(&whole, &mut rng(seed)));

        let windows: Vec<_> = drawn
            .filter(|(image, _)| *image != unit(&whole.image))
            .collect();

        assert!(windows.len() >= 5, "{} of 20 are windows", windows.len());
        for (image, target) in windows {
            assert_ne!(target, unit(&whole.target));
            assert!(image.iter().chain(&target).all(|v| (0.0..=1.0).contains(v)));
        }
    }
}
