//! What a frame looks like, small enough to compare every frame with every other.
//!
//! The frame is averaged down to 32×24 cells, the mean of the surrounding 9×9 cells is taken away
//! (gain and depth shading differ little between patients, anatomy does not), and the rest is
//! scaled to unit length. The dot product of two descriptors is then the normalised correlation
//! of two band-passed frames: 1 for the same picture, near 0 for unrelated ones.

use image::GrayImage;

/// Columns of the descriptor grid.
const COLUMNS: usize = 32;
/// Rows of the descriptor grid.
const ROWS: usize = 24;
/// Numbers in one descriptor.
pub(super) const LENGTH: usize = COLUMNS * ROWS;
/// Cells on each side of the centre that make up the local mean.
const REACH: usize = 4;
/// Below this length (in grey levels) the band-passed frame is flat and has no direction.
const FLAT: f32 = 1.0;

/// Frame averaged to `ROWS` × `COLUMNS` cells, row after row.
pub(super) fn cells(image: &GrayImage) -> Vec<f32> {
    let [width, height] = [image.width() as usize, image.height() as usize];
    if width == 0 || height == 0 {
        return vec![0.0; LENGTH];
    }
    // a frame smaller than the grid repeats pixels
    let span = |index: usize, count: usize, size: usize| {
        let start = index * size / count;
        start..((index + 1) * size / count).max(start + 1)
    };
    let columns: Vec<_> = (0..COLUMNS).map(|x| span(x, COLUMNS, width)).collect();
    let pixels = image.as_raw();
    let mut cells = Vec::with_capacity(LENGTH);
    for y in 0..ROWS {
        let rows = span(y, ROWS, height);
        let mut sums = [0_u32; COLUMNS];
        for row in rows.clone() {
            let line = &pixels[row * width..(row + 1) * width];
            for (sum, column) in sums.iter_mut().zip(&columns) {
                *sum += line[column.clone()]
                    .iter()
                    .map(|&p| u32::from(p))
                    .sum::<u32>();
            }
        }
        cells.extend(
            sums.iter()
                .zip(&columns)
                .map(|(&sum, column)| sum as f32 / (rows.len() * column.len()) as f32),
        );
    }
    cells
}

/// `cells` without their local mean.
pub(super) fn band_pass(cells: &[f32]) -> Vec<f32> {
    // integral image with a zero row and column in front
    let stride = COLUMNS + 1;
    let mut integral = vec![0.0_f64; stride * (ROWS + 1)];
    for y in 0..ROWS {
        let mut line = 0.0;
        for x in 0..COLUMNS {
            line += f64::from(cells[y * COLUMNS + x]);
            integral[(y + 1) * stride + x + 1] = integral[y * stride + x + 1] + line;
        }
    }
    let window =
        |centre: usize, size: usize| (centre.saturating_sub(REACH), (centre + REACH + 1).min(size));
    let mut passed = Vec::with_capacity(LENGTH);
    for y in 0..ROWS {
        let (top, bottom) = window(y, ROWS);
        for x in 0..COLUMNS {
            let (left, right) = window(x, COLUMNS);
            let sum = integral[bottom * stride + right]
                - integral[top * stride + right]
                - integral[bottom * stride + left]
                + integral[top * stride + left];
            let mean = sum / ((bottom - top) * (right - left)) as f64;
            passed.push(cells[y * COLUMNS + x] - mean as f32);
        }
    }
    passed
}

/// Unit-length copy of `values`; all zeros if they are flat.
pub(super) fn normalise(values: &[f32]) -> Vec<f32> {
    let mean = values.iter().sum::<f32>() / values.len() as f32;
    let length = values
        .iter()
        .map(|v| (v - mean).powi(2))
        .sum::<f32>()
        .sqrt();
    if length < FLAT {
        return vec![0.0; values.len()];
    }
    values.iter().map(|v| (v - mean) / length).collect()
}

#[cfg(test)]
mod tests {
    use image::{GrayImage, Luma, imageops};

    use super::*;

    fn texture(width: u32, height: u32, seed: u32) -> GrayImage {
        GrayImage::from_fn(width, height, |x, y| {
            let (u, v) = (
                f64::from(x) / f64::from(width),
                f64::from(y) / f64::from(height),
            );
            let s = f64::from(seed);
            let wave = (u * (9.0 + s) + v * 7.0).sin() + (v * (23.0 + 3.0 * s) - u * 5.0 + s).cos();
            Luma([(127.0 + 60.0 * wave).clamp(0.0, 255.0) as u8])
        })
    }

    fn similarity(a: &GrayImage, b: &GrayImage) -> f32 {
        let describe = |image| normalise(&band_pass(&cells(image)));
        describe(a)
            .iter()
            .zip(describe(b))
            .map(|(x, y)| x * y)
            .sum()
    }

    #[test]
    fn same_frame_scores_one_whatever_its_size_or_gain() {
        let frame = texture(161, 117, 1);
        let half = imageops::resize(&frame, 80, 58, imageops::FilterType::Triangle);
        let dim = GrayImage::from_fn(161, 117, |x, y| Luma([frame.get_pixel(x, y).0[0] / 2 + 20]));

        assert!((similarity(&frame, &frame) - 1.0).abs() < 1e-5);
        assert!(similarity(&frame, &half) > 0.97);
        assert!(similarity(&frame, &dim) > 0.99);
    }

    #[test]
    fn different_frames_score_low() {
        assert!(similarity(&texture(161, 117, 1), &texture(161, 117, 5)) < 0.5);
    }

    #[test]
    fn flat_and_tiny_frames_do_not_fail() {
        let flat = GrayImage::from_pixel(50, 40, Luma([90]));
        let tiny = GrayImage::from_fn(3, 2, |x, y| Luma([(x * 80 + y * 40) as u8]));

        assert_eq!(similarity(&flat, &flat).to_bits(), 0.0_f32.to_bits());
        assert!((similarity(&tiny, &tiny) - 1.0).abs() < 1e-5);
        assert_eq!(cells(&GrayImage::new(0, 0)).len(), LENGTH);
    }
}
