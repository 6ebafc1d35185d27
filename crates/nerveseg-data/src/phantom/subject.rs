//! One person: where the nerve runs, how the scanner is set, and the path of the probe.

use rand::RngExt as _;
use rand_chacha::ChaCha8Rng;

use super::config::PhantomConfig;
use super::contour::Contour;
use super::frame::Frame;
use super::random::{bounded, normal, stream, wander};
use super::scene::Scene;
use super::space::{Ellipse, Pose, TRAVEL};
use super::speckle::Pulse;

/// How the scanner is set for one person.
#[derive(Clone, Debug)]
pub(super) struct Scanner {
    /// Level that the black end of the scale is moved by, in dB.
    pub(super) gain: f32,
    /// Width of the grey scale, in dB.
    pub(super) range: f32,
    pub(super) pulse: Pulse,
}

/// One person with all frames.
#[derive(Clone, Debug)]
pub(super) struct Subject {
    /// Key of all fields in space.
    pub(super) key: u64,
    pub(super) frames: Vec<Frame>,
    pub(super) scene: Scene,
    pub(super) scanner: Scanner,
}

impl Subject {
    pub(super) fn new(config: &PhantomConfig, index: u32, frames: u32, positives: u32) -> Self {
        let mut rng = stream(config.seed, index, None);
        let key = rng.random();
        let scanner = Scanner {
            gain: bounded(&mut rng, 0.0, 0.8),
            range: bounded(&mut rng, 50.0, 2.0),
            pulse: Pulse {
                across: bounded(&mut rng, 1.35, 0.15),
                spread: bounded(&mut rng, 1.2, 0.3),
                focus: bounded(&mut rng, 0.3, 0.08),
                down: bounded(&mut rng, 0.52, 0.04),
                compound: bounded(&mut rng, 1.4, 0.15),
            },
        };
        let habitus = Ellipse {
            center: [
                bounded(&mut rng, 334.0, 24.0),
                bounded(&mut rng, 146.0, 32.0),
            ],
            semi_major: 66.0 * bounded(&mut rng, 0.0, 0.10).exp(),
            semi_minor: 34.0 * bounded(&mut rng, 0.0, 0.10).exp(),
            angle: bounded(&mut rng, -68.0, 17.0).to_radians(),
        };
        let scene = Scene::new(&mut rng, key, habitus.center);
        let path = Path::new(&mut rng, key, frames, habitus);
        let frames = path.label(&mut rng, positives as usize, config.label_noise);
        Self {
            key,
            frames,
            scene,
            scanner,
        }
    }
}

/// Poses and how strongly each speaks for a nerve.
struct Path {
    poses: Vec<Pose>,
    contours: Vec<Contour>,
    evidence: Vec<f32>,
}

impl Path {
    /// Slides the probe in short clips; between clips it is put down anew.
    fn new(rng: &mut ChaCha8Rng, key: u64, frames: u32, habitus: Ellipse) -> Self {
        let mut path = Self {
            poses: Vec::new(),
            contours: Vec::new(),
            evidence: Vec::new(),
        };
        while path.poses.len() < frames as usize {
            let left = frames as usize - path.poses.len();
            let length = rng.random_range(8..=24);
            path.clip(rng, key, left.min(length), habitus);
        }
        path
    }

    fn clip(&mut self, rng: &mut ChaCha8Rng, key: u64, frames: usize, habitus: Ellipse) {
        let mut pose = Pose {
            t: rng.random_range(0.0..TRAVEL),
            x: bounded(rng, 0.0, 30.0),
            z: bounded(rng, 0.0, 9.0),
            tilt: bounded(rng, 0.0, 0.035),
        };
        let direction = if rng.random() { 1.0 } else { -1.0 };
        let speed = direction * rng.random_range(1.0..3.0);
        let luck = normal(rng, 0.0, 0.4);
        let size = bounded(rng, 0.0, 0.1).exp();
        let turn = bounded(rng, 0.0, 0.22);
        for _ in 0..frames {
            let t = pose.t / 160.0;
            self.evidence.push(wander(key ^ 1, t) + luck);
            let ellipse = Ellipse {
                center: [
                    habitus.center[0] + pose.x + 22.0 * wander(key ^ 2, t),
                    habitus.center[1] + pose.z + 18.0 * wander(key ^ 3, t),
                ],
                semi_major: habitus.semi_major * size * (0.16 * wander(key ^ 4, t)).exp(),
                semi_minor: habitus.semi_minor * size * (0.16 * wander(key ^ 5, t)).exp(),
                angle: habitus.angle + turn + 0.3 * wander(key ^ 6, t),
            };
            self.contours.push(Contour::new(key, pose.t, ellipse));
            self.poses.push(pose);
            pose.t += normal(rng, speed, 0.5);
            pose.x += normal(rng, 0.0, 0.8);
            pose.z += normal(rng, 0.0, 0.3);
            pose.tilt += normal(rng, 0.0, 0.001);
        }
    }

    /// Gives the nerve to the frames that speak for it most; then adds label errors.
    fn label(self, rng: &mut ChaCha8Rng, positives: usize, label_noise: f64) -> Vec<Frame> {
        let mut sorted = self.evidence.clone();
        sorted.sort_by(|a, b| b.total_cmp(a));
        let mut order: Vec<usize> = (0..sorted.len()).collect();
        order.sort_by(|&a, &b| self.evidence[b].total_cmp(&self.evidence[a]));
        let limit = match positives {
            0 => sorted.first().map_or(0.0, |most| most + 0.2),
            n if n >= sorted.len() => sorted.last().map_or(0.0, |least| least - 0.2),
            n => 0.5 * (sorted[n - 1] + sorted[n]),
        };
        let mut labels = vec![false; sorted.len()];
        for &frame in order.iter().take(positives) {
            labels[frame] = true;
        }
        let mut frames: Vec<Frame> = (0..sorted.len())
            .map(|i| Frame {
                pose: self.poses[i],
                visibility: visibility(self.evidence[i] - limit, labels[i]),
                labelled: labels[i],
                contour: self.contours[i],
            })
            .collect();
        contradict(rng, &mut frames, 0.3 * label_noise);
        frames
    }
}

/// Leaves a gap between the faintest nerve and the strongest trace in an empty frame.
fn visibility(margin: f32, labelled: bool) -> f32 {
    let distance = margin.abs() / 0.2;
    if labelled {
        1.0 - 0.4 * (-distance).exp()
    } else {
        0.35 * (-distance).exp()
    }
}

/// Swaps labels of a share of the positive frames with as many empty ones.
fn contradict(rng: &mut ChaCha8Rng, frames: &mut [Frame], share: f64) {
    let (positive, empty): (Vec<usize>, Vec<usize>) =
        (0..frames.len()).partition(|&i| frames[i].labelled);
    if empty.is_empty() {
        return;
    }
    for i in positive {
        if rng.random_bool(share) {
            let j = empty[rng.random_range(0..empty.len())];
            if !frames[j].labelled {
                frames[i].labelled = false;
                frames[j].labelled = true;
            }
        }
    }
}
