//! The segmentation network.

use burn::module::Module;
use burn::nn::conv::Conv2d;
use burn::nn::pool::{MaxPool2d, MaxPool2dConfig};
use burn::nn::{Dropout, DropoutConfig, Linear, LinearConfig};
use burn::tensor::{Device, Tensor};

use super::blocked;
use super::layers::{self, ConvBlock, Up};
use crate::{ModelError, UNetConfig};

/// What the network says about a batch.
#[derive(Clone, Debug)]
pub struct UNetOutput {
    /// Pre-sigmoid score of every pixel. Shape: `[batch, 1, height, width]`.
    pub logits: Tensor<4>,
    /// Pre-sigmoid score that a nerve is there at all, if the network has that head.
    /// Shape: `[batch, 1]`.
    pub presence_logits: Option<Tensor<2>>,
}

/// U-Net (Ronneberger et al., 2015) with batch normalisation and an optional presence head.
#[derive(Module, Debug)]
pub struct UNet {
    pub(crate) encoder: Vec<ConvBlock>,
    pub(crate) bottleneck: ConvBlock,
    pub(crate) up: Vec<Up>,
    pub(crate) decoder: Vec<ConvBlock>,
    pub(crate) head: Conv2d,
    pub(crate) presence: Option<Linear>,
    pub(crate) pool: MaxPool2d,
    pub(crate) dropout: Dropout,
    /// Whether our kernels may take over on the CPU.
    kernels: bool,
}

impl UNetConfig {
    /// The network before its weights are known: it takes no memory until they are.
    pub(crate) fn skeleton(&self, device: &Device) -> Result<UNet, ModelError> {
        self.validate()?;
        let (&deepest, levels) = self
            .features
            .split_last()
            .expect("validated: two levels or more");
        let mut encoder = Vec::new();
        let mut channels = self.in_channels;
        for &level in levels {
            encoder.push(ConvBlock::new([channels, level], self, device));
            channels = level;
        }
        let bottleneck = ConvBlock::new([channels, deepest], self, device);
        let presence = self
            .presence_head
            .then(|| LinearConfig::new(deepest, 1).init(device));
        let (mut up, mut decoder) = (Vec::new(), Vec::new());
        channels = deepest;
        for &level in levels.iter().rev() {
            up.push(Up::new([channels, level], self.upsample, device));
            decoder.push(ConvBlock::new([2 * level, level], self, device));
            channels = level;
        }
        Ok(UNet {
            encoder,
            bottleneck,
            up,
            decoder,
            head: layers::conv(channels, 1, 1, device),
            presence,
            pool: MaxPool2dConfig::new([2, 2]).init(),
            dropout: DropoutConfig::new(self.dropout).init(),
            kernels: true,
        })
    }
}

impl UNet {
    /// The same network with or without our kernels, which it uses on Burn's CPU backends unless
    /// told otherwise. Their results differ by rounding.
    #[must_use]
    pub fn with_kernels(mut self, kernels: bool) -> Self {
        self.kernels = kernels;
        self
    }

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
            false => self.forward_plain(x),
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

    /// The network in Burn's own layers.
    fn forward_plain(&self, images: Tensor<4>) -> UNetOutput {
        let [batch, ..] = images.dims();
        let mut x = images;
        let mut skips = Vec::with_capacity(self.encoder.len());
        for block in &self.encoder {
            x = block.forward(x);
            skips.push(x.clone());
            x = self.dropout.forward(self.pool.forward(x));
        }
        x = self.bottleneck.forward(x);
        let presence_logits = self.presence.as_ref().map(|head| {
            let channels = x.dims()[1];
            head.forward(x.clone().mean_dim(3).mean_dim(2).reshape([batch, channels]))
        });
        for ((up, block), skip) in self
            .up
            .iter()
            .zip(&self.decoder)
            .zip(skips.into_iter().rev())
        {
            x = Tensor::cat(vec![skip, up.forward(x)], 1);
            x = block.forward(self.dropout.forward(x));
        }
        UNetOutput {
            logits: self.head.forward(x),
            presence_logits,
        }
    }
}

/// Rows or columns that bring `size` up to a multiple of `stride`.
fn pad(size: usize, stride: usize) -> usize {
    size.next_multiple_of(stride) - size
}

#[cfg(all(test, feature = "flex"))]
mod tests {
    use burn::tensor::{Device, Tensor};

    use super::*;
    use crate::Upsample;
    use crate::weights::collect;

    const UPSAMPLES: [Upsample; 3] = [
        Upsample::Bilinear,
        Upsample::Transposed2x2,
        Upsample::Transposed3x3,
    ];

    #[test]
    fn the_module_has_the_tensors_of_its_configuration() {
        for upsample in UPSAMPLES {
            let config = UNetConfig {
                upsample,
                ..UNetConfig::small()
            };

            let unet = config.init(0, &Device::flex()).unwrap();

            assert_eq!(config.check(&collect(&unet)), Ok(()));
            assert_eq!(collect(&unet), config.initial_tensors(0).unwrap());
        }
    }

    #[test]
    fn forward_keeps_odd_sizes_for_every_way_to_upsample() {
        let device = Device::flex();
        for upsample in UPSAMPLES {
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

    #[test]
    fn network_is_shared_between_threads() {
        fn check<T: Send + Sync>() {}
        check::<UNet>();
    }
}
