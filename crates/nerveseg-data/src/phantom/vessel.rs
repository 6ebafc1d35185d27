//! Vessels: black lumen, bright walls, brightness below. They look like fascicles of a nerve.

use rand::RngExt as _;
use rand_chacha::ChaCha8Rng;

use super::canvas::Canvas;
use super::fields::{Fields, Place};
use super::random::{bounded, smooth};

/// One artery or vein of a subject.
#[derive(Clone, Debug)]
pub(super) struct Vessel {
    place: Place,
    /// Half width and half height.
    half: [f32; 2],
    wall: f32,
}

impl Vessel {
    pub(super) fn new(rng: &mut ChaCha8Rng, center: [f32; 2], radius: f32) -> Self {
        // veins are pressed flat by the probe
        let flat = rng.random_range(0.55..1.0);
        Self {
            place: Place::new(rng, center, [22.0, 12.0]),
            half: [radius / flat, radius],
            wall: bounded(rng, 1.0, 0.3),
        }
    }

    pub(super) fn paint(&self, canvas: &mut Canvas, fields: &Fields) {
        let [cx, cy] = self.place.at(fields.pose.t);
        let center = fields.to_frame(cx, cy);
        let [half_width, half_height] = self.half;
        let reach = [half_width * 1.6, half_height * 1.6 + 30.0];
        let from = [center[0] - reach[0], center[1] - reach[1]];
        let to = [center[0] + reach[0], center[1] + reach[1]];
        canvas.paint(from, to, |x, y, texel| {
            let [tx, _] = fields.to_tissue(x, y);
            let [u, v] = [(tx - cx) / half_width, (texel.layer - cy) / half_height];
            if u.abs().max(v.abs()) > 2.2 {
                return;
            }
            // walls are not round, and fuzzy where the plane grazes them
            let bulge =
                0.22 * fields.breaks.at(tx, texel.layer) + 0.14 * fields.net.at(tx, texel.layer);
            let radius = (u * u + v * v).sqrt() * (1.0 + bulge);
            let inside = smooth((1.0 - radius) * half_height / 6.0 + 0.3);
            texel.diffuse += (-18.0 - texel.diffuse) * inside;
            texel.mirror *= 1.0 - inside;
            texel.loss -= 0.07 * inside;
            let edge = (radius - 1.06) * half_height / 2.8;
            if edge.abs() < 4.0 {
                let facing = 0.25 + 0.75 * (v * v) / (radius * radius + 1e-3);
                let skin = (-0.5 * edge * edge).exp() * facing * self.wall;
                let patch = smooth(0.4 + 1.5 * fields.breaks.at(tx + 60.0, texel.layer));
                texel.diffuse += 9.0 * skin * patch;
                texel.mirror += 2.0 * skin * patch;
                // sound that grazes the wall is bent away: dark stripes below both sides
                texel.loss += 0.08 * skin * (u.abs() - 0.8).max(0.0);
            }
        });
    }
}
