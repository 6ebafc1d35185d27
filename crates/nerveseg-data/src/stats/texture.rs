//! How quickly the picture changes across and down, once slow changes of brightness are removed.

use ndarray::{Array2, ArrayView2, Slice};

use super::REFERENCE_SIZE;

/// Half the side of the window whose mean is removed, in pixels of a 580x420 frame.
const RADIUS: f64 = 20.0;
/// Distance between the pixels that are compared, in pixels of a 580x420 frame.
const LAG: f64 = 4.0;

/// Autocorrelation `[across, down]` at lag 4 of the picture minus its mean over 41x41 pixels.
///
/// Lengths scale with the frame; a lag between two whole pixels is interpolated.
pub(super) fn autocorrelation(image: ArrayView2<'_, f64>) -> [f64; 2] {
    let (height, width) = image.dim();
    let scale = [
        height as f64 / REFERENCE_SIZE[0],
        width as f64 / REFERENCE_SIZE[1],
    ];
    let radius = scale.map(|s| ((RADIUS * s).round() as usize).max(1));
    let detail = &image - &local_mean(image, radius);
    let variance = product_mean(detail.view(), 0, 0);
    if variance == 0.0 {
        return [0.0; 2];
    }
    let at = |lag: f64, correlation: &dyn Fn(usize) -> f64| {
        let (below, weight) = (lag.floor() as usize, lag.fract());
        let at_below = if below == 0 {
            variance
        } else {
            correlation(below)
        };
        (at_below * (1.0 - weight) + correlation(below + 1) * weight) / variance
    };
    [
        at(LAG * scale[1], &|lag| product_mean(detail.view(), 0, lag)),
        at(LAG * scale[0], &|lag| product_mean(detail.view(), lag, 0)),
    ]
}

/// Mean product of pixels that are `down` rows and `across` columns apart.
fn product_mean(detail: ArrayView2<'_, f64>, down: usize, across: usize) -> f64 {
    let (height, width) = detail.dim();
    if down >= height || across >= width {
        return 0.0;
    }
    let part =
        |rows, columns| detail.slice_each_axis(move |axis| [rows, columns][axis.axis.index()]);
    let from = part(Slice::from(..height - down), Slice::from(..width - across));
    let to = part(Slice::from(down..), Slice::from(across..));
    let sum: f64 = from.iter().zip(to.iter()).map(|(a, b)| a * b).sum();
    sum / from.len() as f64
}

/// Mean over the part of a window that lies in the picture; `radius` is `[rows, columns]`.
fn local_mean(image: ArrayView2<'_, f64>, [down, across]: [usize; 2]) -> Array2<f64> {
    let (height, width) = image.dim();
    let mut sums = Array2::<f64>::zeros((height + 1, width + 1));
    for ((y, x), value) in image.indexed_iter() {
        sums[[y + 1, x + 1]] = value + sums[[y, x + 1]] + sums[[y + 1, x]] - sums[[y, x]];
    }
    Array2::from_shape_fn((height, width), |(y, x)| {
        let (top, bottom) = (y.saturating_sub(down), (y + down + 1).min(height));
        let (left, right) = (x.saturating_sub(across), (x + across + 1).min(width));
        let sum =
            sums[[bottom, right]] + sums[[top, left]] - sums[[top, right]] - sums[[bottom, left]];
        sum / ((bottom - top) * (right - left)) as f64
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flat_picture_has_no_texture() {
        let flat = Array2::from_elem((23, 17), 7.0);

        assert!(
            autocorrelation(flat.view())
                .iter()
                .all(|value| value.abs() < 1e-12)
        );
    }

    #[test]
    fn horizontal_stripes_repeat_across_and_change_down() {
        let stripes = Array2::from_shape_fn((420, 580), |(y, _)| f64::from(y / 4 % 2 == 0));

        let [across, down] = autocorrelation(stripes.view());

        assert!(across > 0.99, "{across}");
        assert!(down < -0.9, "{down}");
    }
}
