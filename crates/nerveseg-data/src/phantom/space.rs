//! Where things are: the frame, the neck, the probe, the nerve.

/// Lengths are in pixels of a frame of this size and scale with the frame asked for.
pub(super) const REFERENCE_SIZE: [f32; 2] = [580.0, 420.0];

/// Length of the neck that probes start from, in reference pixels.
pub(super) const TRAVEL: f32 = 900.0;

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
