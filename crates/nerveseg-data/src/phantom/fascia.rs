//! Fascia: a thin bright sheet along the layers, interrupted here and there.

use rand::RngExt as _;
use rand_chacha::ChaCha8Rng;

use super::canvas::Canvas;
use super::fields::Fields;
use super::random::{bounded, smooth, wander};

/// One sheet of a subject.
#[derive(Clone, Debug)]
pub(super) struct Fascia {
    key: u64,
    layer: f32,
    slope: f32,
    thickness: f32,
    strength: f32,
}

impl Fascia {
    pub(super) fn new(rng: &mut ChaCha8Rng, layer: f32, thickness: f32, strength: f32) -> Self {
        // deep sheets lie less flat
        let steep = 0.02 + 0.12 * (layer / 400.0);
        Self {
            key: rng.random(),
            layer,
            slope: bounded(rng, 0.0, steep),
            thickness,
            strength: strength * bounded(rng, 0.0, 0.2).exp(),
        }
    }

    pub(super) fn paint(&self, canvas: &mut Canvas, fields: &Fields) {
        let drift = 6.0 * wander(self.key, fields.pose.t / 150.0);
        let unbroken = smooth(self.strength / 3.0);
        let middle = fields.to_frame(290.0, self.layer)[1];
        let reach = 55.0 + 330.0 * (self.slope + fields.pose.tilt).abs();
        canvas.paint(
            [0.0, middle - reach],
            [580.0, middle + reach],
            |x, y, texel| {
                let [tx, _] = fields.to_tissue(x, y);
                let line = self.layer + drift + self.slope * (tx - 290.0);
                let offset = texel.layer - line;
                if offset.abs() > 5.0 + 5.5 * self.thickness {
                    return;
                }
                let wave = 5.0 * wander(self.key ^ 1, tx / 90.0) * smooth(self.layer / 120.0);
                let thickness = self.thickness * (1.0 + 0.5 * wander(self.key ^ 3, tx / 45.0));
                let edge = (offset - wave) / thickness;
                if edge.abs() < 3.5 {
                    let strength = smooth(0.5 + unbroken + 1.3 * wander(self.key ^ 2, tx / 60.0));
                    let sheet = (-0.5 * edge * edge).exp() * strength;
                    texel.diffuse += 8.0 * sheet;
                    texel.mirror +=
                        self.strength * sheet * (1.0 + 0.5 * fields.fibres.at(tx, texel.layer));
                }
            },
        );
    }
}
