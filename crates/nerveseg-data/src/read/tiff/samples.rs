//! How samples are laid out.

/// Spreads values of fewer than 8 bits over 0 to 255.
pub(super) fn widen(mut samples: Vec<u8>, depth: u8) -> Vec<u8> {
    if depth < 8 {
        let factor = u8::MAX / ((1 << depth) - 1);
        for sample in &mut samples {
            *sample *= factor;
        }
    }
    samples
}

/// Pixel after pixel from one plane of samples after another.
pub(super) fn interleave<T: Copy>(planes: &[T], channels: usize) -> Vec<T> {
    let pixels = planes.len() / channels;
    (0..pixels)
        .flat_map(|pixel| (0..channels).map(move |channel| planes[channel * pixels + pixel]))
        .collect()
}

/// Red, green and blue of the colours of JPEG (Rec. 601, the whole range).
pub(super) fn rgb([y, cb, cr]: [u8; 3]) -> [u8; 3] {
    let [y, cb, cr] = [f32::from(y), f32::from(cb) - 128.0, f32::from(cr) - 128.0];
    [
        y + 1.402 * cr,
        y - 0.344_136 * cb - 0.714_136 * cr,
        y + 1.772 * cb,
    ]
    // a float becomes the nearest value that there is
    .map(|channel| channel.round() as u8)
}
