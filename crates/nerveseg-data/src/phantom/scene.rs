//! All that lies under the probe of one subject, painted from the back to the front.

use rand::RngExt as _;
use rand_chacha::ChaCha8Rng;

use super::canvas::Canvas;
use super::fascia::Fascia;
use super::fields::Fields;
use super::frame::Frame;
use super::muscle::Muscle;
use super::nerve::Nerve;
use super::random::{bounded, smooth, wander};
use super::strand::Strand;
use super::vessel::Vessel;

/// All that lies under the probe of one subject.
#[derive(Clone, Debug)]
pub(super) struct Scene {
    key: u64,
    muscles: Vec<Muscle>,
    fasciae: Vec<Fascia>,
    strands: Vec<Strand>,
    vessels: Vec<Vessel>,
    nerve: Nerve,
    /// Level of the tissue between the muscles, in dB.
    clutter: f32,
}

impl Scene {
    /// `groove` is where the nerve lies, if there is one.
    pub(super) fn new(rng: &mut ChaCha8Rng, key: u64, groove: [f32; 2]) -> Self {
        let [gx, gy] = groove;
        let roof = (gy - 75.0).clamp(55.0, 105.0) + bounded(rng, 0.0, 6.0);
        let floor = bounded(rng, 320.0, 22.0);
        let mut muscles = vec![
            // sternocleidomastoid above, the scalenes left and right of the groove
            Muscle::new(rng, [gx - 120.0, 0.62 * roof], [230.0, 0.22 * roof], 0.0),
            Muscle::new(rng, [gx - 130.0, gy + 40.0], [105.0, 42.0], -0.2),
            Muscle::new(rng, [gx + 140.0, gy + 45.0], [120.0, 50.0], 0.15),
        ];
        for _ in 0..rng.random_range(4..8) {
            let center = [
                rng.random_range(-40.0..620.0),
                rng.random_range(gy + 90.0..440.0),
            ];
            let half = [rng.random_range(50.0..120.0), rng.random_range(20.0..42.0)];
            let slope = bounded(rng, 0.0, 0.22);
            muscles.push(Muscle::new(rng, center, half, slope));
        }
        let fat = [bounded(rng, 14.0, 3.0), bounded(rng, 34.0, 6.0)];
        let sheets = [
            // depth, thickness, strength
            [fat[0], 1.8, 1.5],
            [fat[1], 2.0, 2.2],
            [roof - 6.0, 3.2, 5.0],
            [floor, 3.4, 3.5],
        ];
        let fasciae = sheets
            .into_iter()
            .map(|[depth, thickness, strength]| Fascia::new(rng, depth, thickness, strength))
            .collect();
        let mut vessels: Vec<Vessel> = (0..rng.random_range(1..4))
            .map(|_| {
                let side = if rng.random() { 1.0 } else { -1.0 };
                let x = gx + side * rng.random_range(75.0..280.0);
                let (y, radius) = (rng.random_range(150.0..360.0), rng.random_range(6.0..24.0));
                Vessel::new(rng, [x, y], radius)
            })
            .collect();
        if rng.random_bool(0.4) {
            // the carotid or subclavian artery, at the edge of the picture
            let x = if rng.random() { gx - 230.0 } else { gx + 220.0 };
            let center = [x, bounded(rng, 240.0, 45.0)];
            vessels.push(Vessel::new(rng, center, 36.0));
        }
        Self {
            key,
            muscles,
            fasciae,
            strands: Strand::all(rng, key, 35.0),
            vessels,
            nerve: Nerve::new(rng),
            clutter: bounded(rng, -5.0, 0.7),
        }
    }

    /// Cuts the tissue with the plane of one frame.
    pub(super) fn paint(&self, canvas: &mut Canvas, frame: &Frame) {
        let fields = Fields::new(self.key, frame.pose);
        self.connective_tissue(canvas, &fields);
        for muscle in &self.muscles {
            muscle.paint(canvas, &fields);
        }
        for vessel in &self.vessels {
            vessel.paint(canvas, &fields);
        }
        self.nerve.paint(canvas, &fields, frame);
        for strand in &self.strands {
            strand.paint(canvas, &fields);
        }
        for fascia in &self.fasciae {
            fascia.paint(canvas, &fields);
        }
        self.shadows(canvas, &fields);
    }

    /// Fat and loose fibres everywhere, layered under the skin.
    fn connective_tissue(&self, canvas: &mut Canvas, fields: &Fields) {
        canvas.fill(|x, y, texel| {
            let [tx, ty] = fields.to_tissue(x, y);
            let layer = fields.layer(tx, ty);
            texel.layer = layer;
            texel.patch = fields.patches.at(tx, layer);
            texel.diffuse = self.clutter
                + 7.0 * texel.patch
                + 8.0 * fields.streaks.at(tx, layer)
                + 4.0 * fields.fibres.at(tx, layer);
            if y < 110.0 {
                // layers of the skin
                texel.diffuse += 12.0 * (-y / 22.0).exp() * fields.fibres.at(0.2 * tx, layer);
            }
        });
    }

    /// Bad contact and dense spots cast shadows.
    fn shadows(&self, canvas: &mut Canvas, fields: &Fields) {
        let t = fields.pose.t;
        let start = 90.0 + 60.0 * wander(self.key ^ 0x5d, t / 90.0);
        let drift = 0.6 * wander(self.key ^ 0x5e, t / 140.0);
        for column in 0..canvas.width {
            let [x, _] = canvas.position(column, 0);
            let [tx, _] = fields.to_tissue(x, 0.0);
            let dense = 0.7 * wander(self.key ^ 0x5f, tx / 75.0 + drift)
                + 0.3 * wander(self.key ^ 0x60, tx / 28.0 + drift);
            if dense <= 0.0 {
                continue;
            }
            for row in 0..canvas.height {
                let [_, y] = canvas.position(column, row);
                let texel = &mut canvas.texels[row * canvas.width + column];
                texel.loss += 0.05 * dense * smooth((y - start) / 120.0);
            }
        }
    }
}
