//! The segmentation network.

use burn::module::Module;
use burn::nn::conv::Conv2d;
use burn::nn::pool::{MaxPool2d, MaxPool2dConfig};
use burn::nn::{Dropout, DropoutConfig, Linear, LinearConfig};
use burn::tensor::{Device, Tensor};
use nerveseg_kernels::walk::{self, Block, Outputs, Wiring};

use super::layers::{self, ConvBlock, Up};
use super::{blocked, plain};
use crate::channels::Visitor;
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
        let mut parts = Parts {
            config: self,
            device,
            encoder: Vec::new(),
            bottleneck: None,
            presence: None,
            up: Vec::new(),
            decoder: Vec::new(),
            head: None,
        };
        self.visit(&mut parts);
        Ok(UNet {
            encoder: parts.encoder,
            bottleneck: parts.bottleneck.expect("every network has it"),
            up: parts.up,
            decoder: parts.decoder,
            head: parts.head.expect("every network has it"),
            presence: parts.presence,
            pool: MaxPool2dConfig::new([2, 2]).init(),
            dropout: DropoutConfig::new(self.dropout).init(),
            kernels: true,
        })
    }
}

/// The parts of a network to be.
struct Parts<'a> {
    config: &'a UNetConfig,
    device: &'a Device,
    encoder: Vec<ConvBlock>,
    bottleneck: Option<ConvBlock>,
    presence: Option<Linear>,
    up: Vec<Up>,
    decoder: Vec<ConvBlock>,
    head: Option<Conv2d>,
}

impl Visitor for Parts<'_> {
    fn block(&mut self, block: Block, channels: [usize; 2]) {
        let layers = ConvBlock::new(channels, self.config, self.device);
        match block {
            Block::Encoder { .. } => self.encoder.push(layers),
            Block::Bottleneck { .. } => self.bottleneck = Some(layers),
            Block::Decoder { .. } => self.decoder.push(layers),
        }
    }

    fn presence(&mut self, channels: usize) {
        self.presence = Some(LinearConfig::new(channels, 1).init(self.device));
    }

    fn up(&mut self, _: walk::Up, channels: [usize; 2]) {
        let up = Up::new(channels, self.config.upsample, self.device);
        self.up.push(up);
    }

    fn head(&mut self, channels: usize) {
        self.head = Some(layers::conv(channels, 1, 1, self.device));
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

    /// How its parts are wired up.
    pub(super) fn wiring(&self) -> Wiring {
        Wiring {
            depth: self.encoder.len(),
            presence: self.presence.is_some(),
        }
    }

    /// The layers of a block.
    pub(super) fn conv_block(&self, block: Block) -> &ConvBlock {
        match block {
            Block::Encoder { level } => &self.encoder[level],
            Block::Bottleneck { .. } => &self.bottleneck,
            Block::Decoder { index, .. } => &self.decoder[index],
        }
    }

    /// The head of presence, on the means of the bottleneck's maps.
    pub(super) fn presence_logits(&self, maps: Tensor<4>) -> Tensor<2> {
        let head = self.presence.as_ref().expect("asked for where it is there");
        let [batch, channels, ..] = maps.dims();
        head.forward(maps.mean_dim(3).mean_dim(2).reshape([batch, channels]))
    }
}

impl From<Outputs<Tensor<4>, Tensor<2>>> for UNetOutput {
    fn from(outputs: Outputs<Tensor<4>, Tensor<2>>) -> Self {
        Self {
            logits: outputs.logits,
            presence_logits: outputs.presence,
        }
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
