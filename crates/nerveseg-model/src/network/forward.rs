//! From a batch to what the network says about it: padding, the choice of layers, cropping.

use burn::tensor::Tensor;

use super::unet::{UNet, UNetOutput};
use super::{blocked, plain};

impl UNet {
    /// Runs the network; height and width need not be multiples of `2^depth`.
    ///
    /// # Shapes
    ///
    /// - `images`: `[batch, in_channels, height, width]`
    /// - logits: `[batch, 1, height, width]`, presence logits: `[batch, 1]`
    pub fn forward(&self, images: Tensor<4>) -> UNetOutput {
        let [batch, _, height, width] = images.dims();
        let stride = 1_usize << self.encoder.len();
        let (bottom, right) = (pad(height, stride), pad(width, stride));
        let x = match (bottom, right) {
            (0, 0) => images,
            _ => images.pad((0, right, 0, bottom), 0.0_f32),
        };
        let mut output = match self.goes_through_kernels(&x) {
            true => blocked::forward(self, x),
            false => plain::forward(self, x),
        };
        if (bottom, right) != (0, 0) {
            let cut = [0..batch, 0..1, 0..height, 0..width];
            output.logits = output.logits.slice(cut);
        }
        output
    }

    /// Our kernels have no gradient of the image, and the switch may be off.
    fn goes_through_kernels(&self, images: &Tensor<4>) -> bool {
        self.kernels && blocked::supports(&images.device()) && !images.is_require_grad()
    }
}

/// Rows or columns that bring `size` up to a multiple of `stride`.
fn pad(size: usize, stride: usize) -> usize {
    size.next_multiple_of(stride) - size
}

#[cfg(test)]
#[cfg(feature = "flex")]
mod tests {
    use burn::tensor::{Device, Tensor};

    use crate::{UNetConfig, Upsample};

    #[test]
    fn forward_keeps_odd_sizes_for_every_way_to_upsample() {
        let device = Device::flex();
        for upsample in [
            Upsample::Bilinear,
            Upsample::Transposed2x2,
            Upsample::Transposed3x3,
        ] {
            let config = UNetConfig {
                features: vec![2, 3, 4],
                upsample,
                ..UNetConfig::small()
            };
            let unet = config.init(1, &device).unwrap();

            let output = unet.forward(Tensor::zeros([2, 1, 17, 23], &device));

            assert_eq!(output.logits.dims(), [2, 1, 17, 23]);
            assert_eq!(output.presence_logits.unwrap().dims(), [2, 1]);
        }
    }

    #[test]
    fn he_weights_keep_the_output_alive() {
        let device = Device::flex();
        let unet = UNetConfig::standard().init(5, &device).unwrap();
        device.seed(0);
        let noise = Tensor::random(
            [1, 1, 32, 48],
            burn::tensor::Distribution::Normal(0.0, 1.0),
            &device,
        );

        let logits = unet.forward(noise).logits;

        let deviation = logits.var(3).mean().into_scalar::<f32>().sqrt();
        assert!(
            (0.05..20.0).contains(&deviation),
            "spread of the logits is {deviation}"
        );
    }
}
