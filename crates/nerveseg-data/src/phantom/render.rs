//! From anatomy to grey.

use image::GrayImage;

use super::config::PhantomConfig;
use super::random::lattice;
use super::subject::{REFERENCE_SIZE, Subject};
use crate::Mask;

/// One frame with its mask.
pub(super) fn frame(config: &PhantomConfig, subject: &Subject, frame: u32) -> (GrayImage, Mask) {
    let shown = &subject.frames[frame as usize];
    let scale = [
        config.width as f32 / REFERENCE_SIZE[0],
        config.height as f32 / REFERENCE_SIZE[1],
    ];
    let inside = |x: f32, y: f32| {
        let (dx, dy) = (
            x / scale[0] - shown.nerve.center[0],
            y / scale[1] - shown.nerve.center[1],
        );
        let (sin, cos) = shown.nerve.angle.sin_cos();
        let u = (dx * cos + dy * sin) / shown.nerve.semi_major;
        let v = (dy * cos - dx * sin) / shown.nerve.semi_minor;
        u * u + v * v < 1.0
    };
    let image = GrayImage::from_fn(config.width, config.height, |x, y| {
        let noise = lattice(
            subject.key,
            x as i32 / 4,
            y as i32,
            shown.pose.t as i32 / 20,
        );
        let nerve = if inside(x as f32, y as f32) {
            40.0 * shown.visibility
        } else {
            0.0
        };
        let depth = y as f32 / config.height as f32;
        image::Luma([(140.0 - 70.0 * depth + nerve + 40.0 * noise) as u8])
    });
    let mask = Mask::from_shape_fn((config.height as usize, config.width as usize), |(y, x)| {
        shown.labelled && inside(x as f32 + 0.5, y as f32 + 0.5)
    });
    (image, mask)
}
