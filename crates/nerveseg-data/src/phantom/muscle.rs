//! Muscles: dark spindles with bright streaks along the fibres and a bright skin around them.

use rand::RngExt as _;
use rand_chacha::ChaCha8Rng;

use super::canvas::Canvas;
use super::fields::{Fields, Place};
use super::random::{bounded, smooth, wander};

/// One muscle of a subject.
#[derive(Clone, Debug)]
pub(super) struct Muscle {
    key: u64,
    place: Place,
    /// Half length and half thickness.
    half: [f32; 2],
    /// Direction of the fibres, as a slope.
    slope: f32,
    /// How much weaker than connective tissue its echoes are, in dB.
    darkness: f32,
    /// Strength of the streaks, in dB.
    streaks: f32,
    /// Strength of the skin around it.
    sheath: f32,
}

impl Muscle {
    pub(super) fn new(rng: &mut ChaCha8Rng, center: [f32; 2], half: [f32; 2], slope: f32) -> Self {
        Self {
            key: rng.random(),
            place: Place::new(rng, center, [14.0, 8.0]),
            half: half.map(|length| length * bounded(rng, 0.0, 0.12).exp()),
            slope: slope + bounded(rng, 0.0, 0.08),
            darkness: bounded(rng, 13.0, 3.0),
            streaks: bounded(rng, 7.0, 2.0),
            sheath: bounded(rng, 1.0, 0.3),
        }
    }

    pub(super) fn paint(&self, canvas: &mut Canvas, fields: &Fields) {
        let [cx, cy] = self.place.at(fields.pose.t);
        let swell = (0.18 * wander(self.key, fields.pose.t / 180.0)).exp();
        let [length, thickness] = [self.half[0], self.half[1] * swell];
        let center = fields.to_frame(cx, cy);
        let reach = [length + 12.0, thickness + 45.0 + self.slope.abs() * length];
        let from = [center[0] - reach[0], center[1] - reach[1]];
        let to = [center[0] + reach[0], center[1] + reach[1]];
        canvas.paint(from, to, |x, y, texel| {
            let [tx, _] = fields.to_tissue(x, y);
            let u = (tx - cx) / length;
            let along = texel.layer - cy - self.slope * (tx - cx);
            let v = along / thickness;
            if u.abs().max(v.abs()) > 1.6 {
                return;
            }
            let bulge = 0.25 * texel.patch;
            // pointed ends, flat bellies
            let radius = (u * u + v.abs().powf(2.2)).sqrt() * (1.0 + bulge);
            let inside = smooth((1.0 - radius) * thickness / 7.0 + 0.5);
            if inside > 0.0 {
                let fibre = texel.layer - self.slope * (tx - cx) * 0.8;
                let streak = fields.streaks.at(tx + 40.0 * self.slope, fibre);
                let grain = fields.fibres.at(tx, fibre);
                let belly = -self.darkness + self.streaks * streak + 2.5 * grain;
                texel.diffuse += (belly - texel.diffuse) * inside;
                texel.mirror *= 1.0 - 0.85 * inside;
            }
            let edge = (1.0 - radius) * thickness / 2.6;
            if edge.abs() < 4.0 {
                // a surface that faces the probe reflects, one seen from its side does not
                let facing = v.abs() / (v.abs() + 0.5 * u.abs() + 0.1);
                let patch = smooth(0.5 + 1.4 * fields.breaks.at(tx, texel.layer));
                let skin = (-0.5 * edge * edge).exp() * facing * facing * patch;
                texel.diffuse += 8.0 * skin * self.sheath;
                texel.mirror += 3.5 * skin * self.sheath;
            }
        });
    }
}
