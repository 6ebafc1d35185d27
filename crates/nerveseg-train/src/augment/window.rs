//! Windows of a frame, with its nerve or beside it: real tissue without a nerve.
//!
//! UNS shows few empty frames to those who have only its positive ones, but much of a positive
//! frame is tissue without a nerve. Large windows are best (`docs/evaluation.md`): in small ones
//! everything is enlarged, and that gives away what is no whole frame.

use ndarray::Array2;
use rand::{Rng, RngExt as _};

use super::augmentation::Augmentation;
use super::placement::Placement;
use super::view::{View, mass};
use crate::number::Number;

/// Sides of a window, as shares of the frame's.
const SIDES: std::ops::Range<f32> = 0.5..0.85;

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
            let window = draw(target, rng);
            placement.zoom /= window.sides[0];
            placement.offset = window.offset;
        }
    }
}

/// A window with or beside the nerve of `target`, each half of the time; the whole frame if no
/// nerve is there or no such window is found.
fn draw(target: &Array2<u8>, rng: &mut impl Rng) -> View {
    let with_nerve = rng.random::<bool>();
    let side = rng.random_range(SIDES);
    if mass(target.view()) == 0.0 {
        return View::WHOLE;
    }
    View::find(target, [side; 2], with_nerve, rng).unwrap_or(View::WHOLE)
}

#[cfg(test)]
mod tests {
    use rand::SeedableRng as _;
    use rand_chacha::ChaCha8Rng;

    use super::super::testing::{only, rng, sample};
    use super::super::view::{HELD, TOUCHED};
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
            let window = draw(&target, &mut ChaCha8Rng::seed_from_u64(seed));
            if window == View::WHOLE {
                continue;
            }
            let held = window.held(&target) / nerve;
            for (offset, length) in window.offset.iter().zip([62.0, 90.0]) {
                assert!(offset.abs() / length <= (1.0 - window.sides[0]) / 2.0 + 1e-6);
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

        let window = draw(&empty, &mut ChaCha8Rng::seed_from_u64(1));

        assert_eq!(window, View::WHOLE);
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
