//! The nerve: dark round fascicles with bright rims in a bright, streaky bed.

use rand::RngExt as _;
use rand_chacha::ChaCha8Rng;

use super::canvas::Canvas;
use super::fields::Fields;
use super::frame::Frame;
use super::random::{bounded, smooth, wander};

/// How the nerve of one subject looks.
#[derive(Clone, Debug)]
pub(super) struct Nerve {
    key: u64,
    fascicles: Vec<Fascicle>,
    /// Level of the tissue between the fascicles, in dB.
    bed: f32,
    /// Strength of the outer sheath.
    sheath: f32,
}

/// A bundle of fibres; place and size relative to the half axes of the nerve.
#[derive(Clone, Copy, Debug)]
struct Fascicle {
    place: [f32; 2],
    radius: f32,
    darkness: f32,
}

impl Nerve {
    pub(super) fn new(rng: &mut ChaCha8Rng) -> Self {
        let count = rng.random_range(2..6_u8);
        let fascicles = (0..count)
            .map(|i| {
                let row = (f32::from(i) + 0.5) / f32::from(count) * 2.0 - 1.0;
                Fascicle {
                    place: [0.78 * row, bounded(rng, 0.0, 0.24)],
                    radius: rng.random_range(0.26..0.52) * (1.0 - 0.25 * row.abs()),
                    darkness: bounded(rng, 12.0, 4.0),
                }
            })
            .collect();
        Self {
            key: rng.random(),
            fascicles,
            bed: bounded(rng, 0.0, 3.0),
            sheath: bounded(rng, 1.0, 0.4),
        }
    }

    pub(super) fn paint(&self, canvas: &mut Canvas, fields: &Fields, frame: &Frame) {
        let contour = &frame.contour;
        let thickness = contour.ellipse.semi_minor;
        let [from, to] = contour.bounds(10.0);
        let fascicles: Vec<_> = (0_u64..)
            .zip(&self.fascicles)
            .map(|(i, fascicle)| {
                let moved =
                    |axis: u64| 0.15 * wander(self.key ^ (2 * i + axis), fields.pose.t / 70.0);
                (
                    contour
                        .ellipse
                        .global(fascicle.place[0] + moved(0), fascicle.place[1] + moved(1)),
                    fascicle,
                )
            })
            .collect();
        canvas.paint(from, to, |x, y, texel| {
            let distance = contour.distance(x, y);
            let edge = (1.0 - distance) * thickness;
            if edge < -9.0 || frame.visibility < 0.01 {
                return;
            }
            let [tx, ty] = fields.to_tissue(x, y);
            let inside = smooth(edge / 7.0 + 0.4) * frame.visibility;
            let net = fields.net.at(tx, ty);
            let mesh = (1.0 - 3.0 * net.abs()).max(0.0);
            let mut bed = self.bed + 11.0 * net + 2.0 * fields.fibres.at(tx, ty);
            let mut mirror = 1.6 * mesh * smooth(0.5 + fields.breaks.at(ty, tx));
            for (center, fascicle) in &fascicles {
                let [dx, dy] = [x - center[0], y - center[1]];
                let radius = fascicle.radius * thickness;
                let reach = (dx * dx / 1.3 + dy * dy).sqrt() / radius * (1.0 + 0.35 * net);
                let dark = smooth((1.0 - reach) * 2.2 + 0.2);
                bed += (-fascicle.darkness - bed) * dark;
                mirror *= 1.0 - dark;
                let rim = (reach - 1.15) * radius / 2.2;
                let facing = 0.35 + 0.65 * dy * dy / (dx * dx + dy * dy + 1.0);
                mirror += 1.1
                    * smooth(0.5 + 1.4 * fields.breaks.at(y, x))
                    * (-0.5 * rim * rim).exp()
                    * facing;
            }
            texel.diffuse += (bed - texel.diffuse) * inside;
            texel.mirror += (mirror - texel.mirror) * inside;
            let rim = edge / 2.6;
            let slope = (y - contour.ellipse.center[1]) / thickness;
            let facing = (0.3 + 0.5 * slope.abs()).min(1.0);
            let patch = smooth(0.5 + fields.breaks.at(tx, ty));
            let sheath = (-0.5 * rim * rim).exp() * facing * patch * self.sheath * frame.visibility;
            texel.diffuse += 4.0 * sheath;
            texel.mirror += 1.6 * sheath;
        });
    }
}
