//! The outline that the mask fills and that the nerve's sheath follows.

use rand_chacha::ChaCha8Rng;

use super::random::{bounded, normal, wander};
use super::space::Ellipse;

/// An ellipse with a wavy rim; every ray from its centre crosses the rim once, so it is one part.
#[derive(Clone, Copy, Debug)]
pub(super) struct Contour {
    pub(super) ellipse: Ellipse,
    /// Cosine and sine of two, three and four waves around the rim, relative to its radius.
    waves: [[f32; 2]; 3],
}

impl Contour {
    /// Contour that changes slowly along the neck.
    pub(super) fn new(key: u64, t: f32, ellipse: Ellipse) -> Self {
        let mut waves = [[0.0; 2]; 3];
        for (order, wave) in waves.iter_mut().enumerate() {
            for (part, value) in wave.iter_mut().enumerate() {
                let key = key ^ (0x100 + 2 * order as u64 + part as u64);
                *value = [0.06, 0.05, 0.03][order] * wander(key, t / 120.0);
            }
        }
        Self { ellipse, waves }
    }

    /// The contour as a hasty person draws it; `amount` 0 leaves it alone.
    pub(super) fn redrawn(mut self, rng: &mut ChaCha8Rng, amount: f32) -> Self {
        let ellipse = &mut self.ellipse;
        for position in &mut ellipse.center {
            *position += normal(rng, 0.0, 9.0 * amount);
        }
        ellipse.semi_major *= bounded(rng, 0.0, 0.16 * amount).exp();
        ellipse.semi_minor *= bounded(rng, 0.0, 0.16 * amount).exp();
        ellipse.angle += normal(rng, 0.0, 0.3 * amount);
        for wave in self.waves.as_flattened_mut() {
            *wave += bounded(rng, 0.0, 0.04 * amount);
        }
        self
    }

    /// Distance from the centre relative to that of the rim: below 1 inside.
    #[inline]
    pub(super) fn distance(&self, x: f32, y: f32) -> f32 {
        let [u, v] = self.ellipse.local(x, y);
        let radius = (u * u + v * v).sqrt();
        if !(1e-3..=2.5).contains(&radius) {
            return radius;
        }
        let (cos, sin) = (u / radius, v / radius);
        let mut rim = 1.0;
        let (mut c, mut s) = (cos, sin);
        for [wave_cos, wave_sin] in self.waves {
            // cosine and sine of the next multiple of the angle
            (c, s) = (c * cos - s * sin, s * cos + c * sin);
            rim += wave_cos * c + wave_sin * s;
        }
        radius / rim
    }

    /// Corners of a rectangle that holds the contour with `margin` pixels around it.
    pub(super) fn bounds(&self, margin: f32) -> [[f32; 2]; 2] {
        // the waves add up to 0.2 at most, twice that after redrawing
        let reach = 1.5 * self.ellipse.semi_major.max(self.ellipse.semi_minor) + margin;
        [-reach, reach].map(|reach| self.ellipse.center.map(|position| position + reach))
    }
}
