//! Random fields of the tissue in the plane under the probe.

use rand::RngExt as _;
use rand_chacha::ChaCha8Rng;

use super::random::{smooth, wander};
use super::space::{Pose, REFERENCE_SIZE};
use super::texture::Texture;

/// A point of the tissue that drifts along the neck.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place {
    key: u64,
    center: [f32; 2],
    drift: [f32; 2],
}

impl Place {
    pub(super) fn new(rng: &mut ChaCha8Rng, center: [f32; 2], drift: [f32; 2]) -> Self {
        Self {
            key: rng.random(),
            center,
            drift,
        }
    }

    pub(super) fn at(&self, t: f32) -> [f32; 2] {
        [0, 1].map(|axis| {
            let key = self.key ^ (axis as u64 + 1);
            self.center[axis] + self.drift[axis] * wander(key, t / 160.0)
        })
    }
}

/// Random fields of a subject in the plane under the probe.
#[derive(Debug)]
pub(super) struct Fields {
    pub(super) pose: Pose,
    /// Bends the layers, in reference pixels.
    bend: [Texture; 2],
    /// Long thin lines along the layers.
    pub(super) streaks: Texture,
    /// Meshes of the bed of the nerve.
    pub(super) net: Texture,
    /// Fine grain along the layers.
    pub(super) fibres: Texture,
    /// Where there is more of anything; slow.
    pub(super) patches: Texture,
    /// Where surfaces are interrupted.
    pub(super) breaks: Texture,
}

impl Fields {
    pub(super) fn new(key: u64, pose: Pose) -> Self {
        let texture = |salt: u64, cell| Texture::new(key ^ (salt << 32), cell, pose.t);
        Self {
            pose,
            bend: [
                texture(1, [190.0, 130.0, 200.0]),
                texture(2, [70.0, 60.0, 120.0]),
            ],
            streaks: texture(3, [75.0, 10.0, 70.0]),
            net: texture(4, [26.0, 11.0, 60.0]),
            fibres: texture(5, [30.0, 4.5, 40.0]),
            patches: texture(6, [75.0, 45.0, 90.0]),
            breaks: texture(7, [55.0, 34.0, 80.0]),
        }
    }

    pub(super) fn to_tissue(&self, x: f32, y: f32) -> [f32; 2] {
        let lift = self.pose.tilt * (x - 0.5 * REFERENCE_SIZE[0]);
        [x - self.pose.x, y - self.pose.z - lift]
    }

    pub(super) fn to_frame(&self, x: f32, y: f32) -> [f32; 2] {
        let x = x + self.pose.x;
        [
            x,
            y + self.pose.z + self.pose.tilt * (x - 0.5 * REFERENCE_SIZE[0]),
        ]
    }

    /// Layer coordinate of a point of the tissue; flat under the skin, bent below.
    pub(super) fn layer(&self, x: f32, y: f32) -> f32 {
        let depth = smooth((y - 10.0) / 120.0);
        let [slow, fast] = &self.bend;
        y + (3.0 + 19.0 * depth) * slow.grid_at(x, y) + (1.0 + 7.0 * depth) * fast.grid_at(x, y)
    }
}
