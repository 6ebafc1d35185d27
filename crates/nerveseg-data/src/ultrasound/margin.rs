//! How much of a picture lies empty around what it shows.

use image::GrayImage;

/// Most that an empty margin strays from the grey value at the edge.
const NOISE: u8 = 4;

/// Fraction of the pixels that a straight line from the nearest edges reaches without a change of
/// grey: what texts and menus leave of the screen around a frame, whose border is then not plain.
pub(super) fn margin_fraction(image: &GrayImage) -> f64 {
    let (width, height) = (image.width() as usize, image.height() as usize);
    let pixels = image.as_raw();
    let mut reached = vec![false; pixels.len()];
    let mut walk = |line: &mut dyn Iterator<Item = usize>| {
        let mut level = None;
        for at in line {
            let edge = *level.get_or_insert(pixels[at]);
            if pixels[at].abs_diff(edge) > NOISE {
                break;
            }
            reached[at] = true;
        }
    };
    for y in 0..height {
        let row = y * width..(y + 1) * width;
        walk(&mut row.clone());
        walk(&mut row.rev());
    }
    for x in 0..width {
        walk(&mut (x..pixels.len()).step_by(width));
        walk(&mut (x..pixels.len()).step_by(width).rev());
    }
    let reached = reached.iter().filter(|&&reached| reached).count();
    reached as f64 / pixels.len().max(1) as f64
}
