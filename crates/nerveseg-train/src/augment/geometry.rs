//! Where a frame lies: mirrored, nearer or farther, moved, turned.

use ndarray::Array2;
use rand::{Rng, RngExt as _};

use super::augmentation::{Augmentation, symmetric};
use super::placement::Placement;
use crate::number::Number;

/// How far a frame may move.
#[derive(Clone, Debug, PartialEq)]
pub struct Geometry {
    /// Probability of mirroring left and right. In UNS the sides mean something: off by default.
    pub flip: f64,
    /// Zoom is drawn from `1 ± zoom`.
    pub zoom: f64,
    /// Shift of each axis is drawn from `± shift` of its length.
    pub shift: f64,
    /// Rotation is drawn from `± rotation` degrees.
    pub rotation: f64,
}

impl Default for Geometry {
    fn default() -> Self {
        Self {
            flip: 0.0,
            zoom: 0.12,
            shift: 0.06,
            rotation: 8.0,
        }
    }
}

impl Augmentation for Geometry {
    fn none() -> Self {
        Self {
            flip: 0.0,
            zoom: 0.0,
            shift: 0.0,
            rotation: 0.0,
        }
    }

    fn numbers(&self) -> Vec<Number> {
        vec![
            ("flip", self.flip, 0.0..=1.0),
            ("zoom", self.zoom, 0.0..=0.9),
            ("shift", self.shift, 0.0..=1.0),
            ("rotation", self.rotation, 0.0..=180.0),
        ]
    }

    fn place(&self, placement: &mut Placement, target: &Array2<u8>, rng: &mut impl Rng) {
        let (height, width) = target.dim();
        placement.mirrored = rng.random::<f64>() < self.flip;
        placement.zoom = 1.0 + symmetric(self.zoom, rng);
        placement.angle = symmetric(self.rotation, rng).to_radians();
        placement.shift = [height, width].map(|length| symmetric(self.shift, rng) * length as f32);
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{rng, sample, vary};
    use crate::sample::unit;

    #[test]
    #[expect(clippy::float_cmp, reason = "whole pixels land on whole pixels")]
    fn a_certain_flip_mirrors_columns_of_image_and_target_alike() {
        let (image, target) = vary("flip = 1.0", &mut rng(1));

        for ((row, column), value) in image.indexed_iter() {
            let expected = f32::from(sample().image[[row, 44 - column]]) / 255.0;
            assert!((value - expected).abs() < 1e-5);
        }
        assert_eq!(target[[10, 44 - 7]], 1.0);
    }

    #[test]
    fn each_switch_moves_the_target_with_the_image() {
        for switch in ["zoom = 0.2", "shift = 0.2", "rotation = 20.0"] {
            let (image, target) = vary(switch, &mut rng(3));

            assert_ne!(image, unit(&sample().image), "{switch}");
            assert_ne!(target, unit(&sample().target), "{switch}");
            assert!(image.iter().chain(&target).all(|v| (0.0..=1.0).contains(v)));
        }
    }
}
