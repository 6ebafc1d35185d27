//! One person: where the nerve runs, how the scanner is set, and the path of the probe.

use rand::RngExt as _;
use rand_chacha::ChaCha8Rng;

use super::config::PhantomConfig;
use super::contour::Contour;
use super::random::{bounded, normal, stream, wander};
use super::scene::{Scene, TRAVEL};
use super::speckle::Pulse;

/// Lengths are in pixels of a frame of this size and scale with the frame asked for.
pub(super) const REFERENCE_SIZE: [f32; 2] = [580.0, 420.0];

/// Where the probe is: `t` along the neck, `x` and `z` in the picture, `tilt` as a slope.
#[derive(Clone, Copy, Debug)]
pub(super) struct Pose {
    pub(super) t: f32,
    pub(super) x: f32,
    pub(super) z: f32,
    pub(super) tilt: f32,
}

/// Ellipse around the nerve, in the picture.
#[derive(Clone, Copy, Debug)]
pub(super) struct Ellipse {
    pub(super) center: [f32; 2],
    pub(super) semi_major: f32,
    pub(super) semi_minor: f32,
    /// Direction of the long axis: x to the right, y down.
    pub(super) angle: f32,
}

impl Ellipse {
    /// Position relative to the half axes, along the long and the short one.
    #[inline]
    pub(super) fn local(&self, x: f32, y: f32) -> [f32; 2] {
        let (dx, dy) = (x - self.center[0], y - self.center[1]);
        let (sin, cos) = self.angle.sin_cos();
        [
            (dx * cos + dy * sin) / self.semi_major,
            (dy * cos - dx * sin) / self.semi_minor,
        ]
    }

    /// Position in the picture of a point given relative to the half axes.
    pub(super) fn global(&self, u: f32, v: f32) -> [f32; 2] {
        let (u, v) = (u * self.semi_major, v * self.semi_minor);
        let (sin, cos) = self.angle.sin_cos();
        [
            self.center[0] + u * cos - v * sin,
            self.center[1] + u * sin + v * cos,
        ]
    }
}

/// How the scanner is set for one person.
#[derive(Clone, Debug)]
pub(super) struct Scanner {
    /// Level that the black end of the scale is moved by, in dB.
    pub(super) gain: f32,
    /// Width of the grey scale, in dB.
    pub(super) range: f32,
    pub(super) pulse: Pulse,
}

/// What one frame shows.
#[derive(Clone, Copy, Debug)]
pub(super) struct Frame {
    pub(super) pose: Pose,
    /// How much of the nerve shows, from 0 to 1; frames with a nerve have at least 0.6.
    pub(super) visibility: f32,
    /// Whether the mask says there is a nerve.
    pub(super) labelled: bool,
    pub(super) contour: Contour,
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
