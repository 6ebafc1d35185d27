//! What is counted over the pixels of a frame.

use image::GrayImage;

/// Grey values up to this are background, which may be as flat as it likes.
const BLACK: u8 = 8;
/// Pixels whose squared differences fit into 31 bits together.
const FEW: usize = 1 << 15;
/// Pixels that 8 bits can count.
const FEWER: usize = 255;

/// How often each grey value occurs.
pub(super) fn histogram(image: &GrayImage) -> [u64; 256] {
    // neighbours are often equal, and a counter that was just written is slow to read again
    let mut histograms = [[0_u32; 256]; 4];
    let (fours, rest) = image.as_raw().as_chunks::<4>();
    for pixels in fours {
        for (histogram, &pixel) in histograms.iter_mut().zip(pixels) {
            histogram[usize::from(pixel)] += 1;
        }
    }
    for &pixel in rest {
        histograms[0][usize::from(pixel)] += 1;
    }
    std::array::from_fn(|value| histograms.iter().map(|h| u64::from(h[value])).sum())
}

/// Variance of the grey values of a histogram; 0 without a pixel.
pub(super) fn variance(histogram: &[u64; 256]) -> f64 {
    let moment = |power: i32| {
        (0_u8..=255)
            .zip(histogram)
            .map(|(value, &count)| f64::from(value).powi(power) * count as f64)
            .sum::<f64>()
    };
    let pixels = moment(0);
    if pixels < 1.0 {
        return 0.0;
    }
    (moment(2) / pixels - (moment(1) / pixels).powi(2)).max(0.0)
}

/// Standard deviation of `values`.
pub(super) fn deviation(values: &[f32]) -> f64 {
    let count = values.len() as f64;
    let mean = values.iter().map(|&v| f64::from(v)).sum::<f64>() / count;
    let squares = values.iter().map(|&v| (f64::from(v) - mean).powi(2));
    (squares.sum::<f64>() / count).sqrt()
}

/// Mean squared difference of pixels `lag` apart: across, then down.
pub(super) fn mean_squared_change(image: &GrayImage, lag: usize) -> [f64; 2] {
    let width = image.width() as usize;
    if width <= lag || image.height() as usize <= lag {
        return [0.0; 2];
    }
    // in 32 bits the compiler adds many squares at a time
    let squares = |(a, b): (&[u8], &[u8])| -> i32 {
        let pairs = a.iter().zip(b);
        pairs
            .map(|(&a, &b)| (i32::from(a) - i32::from(b)).pow(2))
            .sum()
    };
    let change = |a: &[u8], b: &[u8]| -> u64 {
        let parts = a.chunks(FEW).zip(b.chunks(FEW));
        parts
            .map(|part| u64::from(squares(part).unsigned_abs()))
            .sum()
    };
    let pixels = image.as_raw();
    let across: u64 = pixels
        .chunks_exact(width)
        .map(|line| change(&line[lag..], &line[..width - lag]))
        .sum();
    let below = &pixels[lag * width..];
    let down = change(below, &pixels[..below.len()]);
    [
        across as f64 / ((pixels.len() / width) * (width - lag)) as f64,
        down as f64 / below.len() as f64,
    ]
}

/// Fraction of pixels, border aside, that sit in a painted area.
pub(super) fn flat_fraction(image: &GrayImage) -> f64 {
    let width = image.width() as usize;
    if width < 2 || image.height() < 2 {
        return 0.0;
    }
    // in 8 bits, and without a branch, the compiler compares and counts many at a time
    let count = |((left, pixel), below): ((&[u8], &[u8]), &[u8])| -> u8 {
        let neighbours = left.iter().zip(pixel).zip(below);
        let flat = neighbours.map(|((left, pixel), below)| {
            u8::from(pixel == left) & u8::from(pixel == below) & u8::from(*pixel > BLACK)
        });
        flat.sum()
    };
    let lines = || image.as_raw().chunks_exact(width);
    let flat: usize = lines()
        .zip(lines().skip(1))
        .map(|(line, below)| {
            let left = line[..width - 1].chunks(FEWER);
            let parts = left
                .zip(line[1..].chunks(FEWER))
                .zip(below[1..].chunks(FEWER));
            parts.map(|part| usize::from(count(part))).sum::<usize>()
        })
        .sum();
    flat as f64 / ((width - 1) * (image.height() as usize - 1)) as f64
}
