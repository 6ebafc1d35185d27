//! Strands of connective tissue: short bright spindles that give the picture its grain.

use rand::RngExt as _;
use rand_chacha::ChaCha8Rng;

use super::canvas::Canvas;
use super::fields::Fields;
use super::random::{bounded, smooth, wander};
use super::space::TRAVEL;

/// Strands that one plane cuts, on average.
const PER_PLANE: f32 = 280.0;

/// One strand: long across, thin down, and a while along the neck.
#[derive(Clone, Copy, Debug)]
pub(super) struct Strand {
    /// Position across, in layers and along the neck.
    center: [f32; 3],
    /// Half length across, half thickness, half length along the neck.
    half: [f32; 3],
    slope: f32,
    /// Sag of the middle below the ends, relative to the half length.
    bow: f32,
    /// Level of its scatterers over their surroundings, in dB.
    level: f32,
    /// Amplitude of its surface.
    mirror: f32,
}

impl Strand {
    /// All strands of a subject below the layer `top`.
    pub(super) fn all(rng: &mut ChaCha8Rng, key: u64, top: f32) -> Vec<Self> {
        let along = [-80.0, TRAVEL + 80.0];
        // half of a plane's strands start in the 60 pixels before it, half in those behind
        let count = PER_PLANE * (along[1] - along[0]) / 120.0;
        (0..count as u32)
            .map(|_| {
                let center = [
                    rng.random_range(-90.0..670.0),
                    rng.random_range(top..430.0),
                    rng.random_range(along[0]..along[1]),
                ];
                Self::new(rng, key, center)
            })
            .collect()
    }

    fn new(rng: &mut ChaCha8Rng, key: u64, center: [f32; 3]) -> Self {
        let length = 27.0 * bounded(rng, 0.0, 0.55).exp();
        // neighbours run alike
        let course = wander(
            key ^ 0x57,
            center[0] / 170.0 + 3.3 * (center[1] / 110.0).floor(),
        );
        let slope = 0.28 * course + bounded(rng, 0.0, 0.12);
        let strength = rng.random_range(0.0_f32..1.0).powi(2);
        Self {
            center,
            half: [
                length.min(110.0),
                (2.2 + 0.035 * length) * rng.random_range(0.6..1.3),
                rng.random_range(35.0..85.0),
            ],
            slope,
            bow: bounded(rng, 0.0, 0.003 * length.min(45.0)),
            level: rng.random_range(2.0..10.0) + 6.0 * strength,
            mirror: 7.5 * strength * (length / 32.0).min(1.0) / (1.0 + 4.0 * slope * slope),
        }
    }

    pub(super) fn paint(&self, canvas: &mut Canvas, fields: &Fields) {
        let [cx, cy, ct] = self.center;
        let [length, thickness, reach] = self.half;
        let near = (fields.pose.t - ct) / reach;
        if near.abs() >= 1.0 {
            return;
        }
        let present = smooth(1.8 * (1.0 - near * near));
        let center = fields.to_frame(cx, cy);
        let rise = 40.0 + (self.slope.abs() + self.bow.abs() + 0.05) * length + 4.0 * thickness;
        let from = [center[0] - length, center[1] - rise];
        let to = [center[0] + length, center[1] + rise];
        canvas.paint(from, to, |x, y, texel| {
            let [tx, _] = fields.to_tissue(x, y);
            let u = (tx - cx) / length;
            let taper = 1.0 - u * u;
            if taper <= 0.0 {
                return;
            }
            let line = cy + length * (self.slope * u + self.bow * (0.33 - u * u));
            let (offset, thickness) = (texel.layer - line, thickness * (0.35 + 0.65 * taper));
            if offset.abs() > 4.0 * thickness + 3.0 {
                return;
            }
            let wobble = 2.4 * fields.net.at(tx + cx, texel.layer);
            let v = (offset - wobble) / thickness;
            let strength =
                present * taper * (1.0 + 0.7 * fields.fibres.grid_at(tx, 0.6 * texel.layer));
            let body = (-0.5 * v * v).exp() * strength;
            // little sound is left right below a bright surface
            let below = (-0.5 * (v - 2.2) * (v - 2.2)).exp() * strength;
            texel.diffuse += self.level * body - 0.35 * self.level * below;
            texel.mirror += self.mirror * body * body - 0.5 * texel.mirror * below;
        });
    }
}
