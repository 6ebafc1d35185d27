//! From echoes to grey: attenuation, gain, log compression, and what the screen adds.

use image::GrayImage;

use super::canvas::Canvas;
use super::config::PhantomConfig;
use super::contour::Contour;
use super::random::stream;
use super::speckle::{Scatterers, Sum, blur, decibel, hiss, intensity};
use super::subject::{Scanner, Subject};
use crate::Mask;

/// One frame with its mask; `index` is that of the subject, for its streams.
pub(super) fn frame(
    config: &PhantomConfig,
    subject: &Subject,
    index: [u32; 2],
) -> (GrayImage, Mask) {
    let shown = &subject.frames[index[1] as usize];
    let mut canvas = Canvas::new(config.width, config.height);
    subject.scene.paint(&mut canvas, shown);
    let scatterers = Scatterers {
        key: subject.key,
        t: shown.pose.t,
        shift: [shown.pose.x, shown.pose.z],
    };
    let echoes = intensity(&canvas, &scatterers, &subject.scanner.pulse);
    let levels = compress(
        &canvas,
        &echoes,
        &subject.scanner,
        subject.key ^ u64::from(index[1]),
    );
    let levels = sharpen(&canvas, levels);
    let mut image = to_grey(&canvas, levels);
    marker(&mut image, canvas.scale);

    let mut rng = stream(config.seed, index[0], Some(index[1]));
    let contour = shown.contour.redrawn(&mut rng, config.label_noise as f32);
    (image, mask(&canvas, shown.labelled.then_some(contour)))
}

/// Grey levels from 0 to 1 after attenuation, time gain and log compression.
fn compress(canvas: &Canvas, echoes: &[f32], scanner: &Scanner, key: u64) -> Vec<f32> {
    let mut levels = vec![0.0; echoes.len()];
    let mut lost = vec![0.0_f32; canvas.width];
    for row in 0..canvas.height {
        let depth = (row as f32 + 0.5) / canvas.height as f32;
        // what the time gain leaves of the attenuation of all tissue
        let fall = 9.0 * depth;
        let floor = 10.0_f32.powf(-3.6 + 0.5 * depth);
        for (column, lost) in lost.iter_mut().enumerate() {
            let index = row * canvas.width + column;
            *lost += canvas.texels[index].loss / canvas.scale[1];
            let gain = decibel(-2.0 * *lost);
            let noise = floor * (1.0 + 0.7 * hiss(key, column, row));
            let level = 10.0 * (gain * echoes[index] + noise).log10();
            // lines of the converter: grain that is longer across than a pixel
            let grain = 0.6 * hiss(key ^ 1, column / 2, row);
            levels[index] = (level + grain - fall + scanner.gain + 32.0) / scanner.range;
        }
    }
    levels
}

/// Edge enhancement along the beam: bright lines get dark flanks.
fn sharpen(canvas: &Canvas, levels: Vec<f32>) -> Vec<f32> {
    let mut smooth = levels.clone();
    blur(&mut smooth, canvas, Sum::OfWeights, |_| [1.0, 4.0]);
    levels
        .iter()
        .zip(&smooth)
        .map(|(level, smooth)| level + 0.5 * (level - smooth))
        .collect()
}

/// The screen's curve: dark tissue is kept apart, bright lines saturate.
fn to_grey(canvas: &Canvas, levels: Vec<f32>) -> GrayImage {
    let pixels = levels
        .into_iter()
        .map(|level| (9.0 + 282.0 * level.max(0.0).powf(1.8)).min(255.0) as u8)
        .collect();
    GrayImage::from_raw(canvas.width as u32, canvas.height as u32, pixels)
        .expect("one level per pixel")
}

/// The small triangle that marks the middle of the probe.
fn marker(image: &mut GrayImage, scale: [f32; 2]) {
    for (column, row, pixel) in image.enumerate_pixels_mut() {
        let (x, y) = (
            (column as f32 + 0.5) / scale[0] - 303.0,
            (row as f32 + 0.5) / scale[1],
        );
        if y > 18.0 || x.abs() > 10.0 {
            continue;
        }
        let inside = (17.0 - y) * 0.53 - x.abs();
        if (0.0..1.4).contains(&inside) || (inside >= 0.0 && y < 1.0) {
            pixel.0 = [10];
        }
    }
}

fn mask(canvas: &Canvas, contour: Option<Contour>) -> Mask {
    let mut mask = Mask::default((canvas.height, canvas.width));
    if let Some(contour) = contour {
        for ((row, column), set) in mask.indexed_iter_mut() {
            let [x, y] = canvas.position(column, row);
            *set = contour.distance(x, y) < 1.0;
        }
    }
    mask
}
