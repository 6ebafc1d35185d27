//! What a frame looks like, small enough to compare every frame with every other.
//!
//! The frame is averaged down to 32×24 cells, the mean of the surrounding 9×9 cells is taken away
//! (gain and depth shading differ little between patients, anatomy does not), and the rest is
//! scaled to unit length. The dot product of two descriptors is then the normalised correlation
//! of two band-passed frames: 1 for the same picture, near 0 for unrelated ones.

/// Below this length (in grey levels) the band-passed frame is flat and has no direction.
const FLAT: f32 = 1.0;

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
    use crate::ultrasound::cells::{LENGTH, band_pass, cells};

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
