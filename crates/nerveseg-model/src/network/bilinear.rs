//! Bilinear upsampling by two, as two matrix products.
//!
//! Burn has an operation for it (`interpolate`), but in 0.22.1 its gradient does not exist on
//! ndarray, its values on wgpu are not those of the other backends, and on flex the products take
//! a half of its time.

use burn::tensor::{Device, Tensor, TensorData};

/// Doubles height and width: bilinear with half-pixel centres, the border repeated (PyTorch's
/// `align_corners=False`).
///
/// # Shapes
///
/// - `input`: `[batch, channels, height, width]`
/// - output: `[batch, channels, 2·height, 2·width]`
pub(super) fn double(input: Tensor<4>) -> Tensor<4> {
    let [batch, channels, height, width] = input.dims();
    let device = input.device();
    let planes = batch * channels;
    let x = input
        .reshape([planes * height, width])
        .matmul(doubling(width, &device))
        .reshape([planes, height, 2 * width]);
    let rows = doubling(height, &device)
        .transpose()
        .unsqueeze::<3>()
        .expand([planes, 2 * height, height]);
    rows.matmul(x)
        .reshape([batch, channels, 2 * height, 2 * width])
}

/// The matrix that doubles a row of `size` pixels from the right. Shape: `[size, 2·size]`.
///
/// An output pixel lies a quarter of a pixel off its nearest input pixel: it takes three quarters
/// of that one and a quarter of the next on its side.
fn doubling(size: usize, device: &Device) -> Tensor<2> {
    let mut values = vec![0.0_f32; 2 * size * size];
    for output in 0..2 * size {
        let nearest = output / 2;
        let next = if output % 2 == 0 {
            nearest.saturating_sub(1)
        } else {
            (nearest + 1).min(size - 1)
        };
        values[nearest * 2 * size + output] += 0.75;
        values[next * 2 * size + output] += 0.25;
    }
    Tensor::from_data(TensorData::new(values, [size, 2 * size]), device)
}

#[cfg(test)]
#[cfg(feature = "flex")]
mod tests {
    use super::*;
    use crate::to_host;

    #[test]
    fn a_row_is_doubled_as_pytorch_does() {
        let device = Device::flex();
        let row = Tensor::<4>::from_floats([[[[0.0, 4.0, 8.0]]]], &device);

        let doubled = double(row);

        // torch.nn.functional.interpolate(…, scale_factor=2, mode="bilinear")
        assert_eq!(doubled.dims(), [1, 1, 2, 6]);
        let values = to_host(doubled).unwrap();
        assert_eq!(values[..6], [0.0, 1.0, 3.0, 5.0, 7.0, 8.0]);
        assert_eq!(values[6..], values[..6]);
    }

    #[test]
    fn rows_and_columns_are_not_swapped() {
        let device = Device::flex();
        let image = Tensor::<4>::from_floats([[[[0.0, 4.0], [8.0, 12.0], [16.0, 20.0]]]], &device);

        let doubled = double(image);

        assert_eq!(doubled.dims(), [1, 1, 6, 4]);
        let column = doubled.slice([0..1, 0..1, 0..6, 0..1]);
        let values = to_host(column).unwrap();
        assert_eq!(values, [0.0, 2.0, 6.0, 10.0, 14.0, 16.0]);
    }
}
