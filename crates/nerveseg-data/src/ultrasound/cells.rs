//! A frame on a small grid: its coarse grey values, and what is left without their local mean.

use image::GrayImage;

/// Columns of the grid.
const COLUMNS: usize = 32;
/// Rows of the grid.
const ROWS: usize = 24;
/// Cells of one frame.
pub(crate) const LENGTH: usize = COLUMNS * ROWS;
/// Cells on each side of the centre that make up the local mean.
const REACH: usize = 4;

/// Frame averaged to `ROWS` × `COLUMNS` cells, row after row.
pub(crate) fn cells(image: &GrayImage) -> Vec<f32> {
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
pub(crate) fn band_pass(cells: &[f32]) -> Vec<f32> {
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
