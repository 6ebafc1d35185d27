//! The segmentation network: its parts.

use burn::module::Module;
use burn::nn::conv::Conv2d;
use burn::nn::pool::{MaxPool2d, MaxPool2dConfig};
use burn::nn::{Dropout, DropoutConfig, Linear, LinearConfig};
use burn::tensor::{Device, Tensor};
use nerveseg_kernels::walk::{self, Block, Outputs, Wiring};

use super::layers::{self, ConvBlock, Up};
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
    pub(super) kernels: bool,
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

#[cfg(test)]
#[cfg(feature = "flex")]
mod tests {
    use burn::tensor::Device;

    use super::*;
    use crate::Upsample;
    use crate::weights::collect;

    #[test]
    fn the_module_has_the_tensors_of_its_configuration() {
        for upsample in [
            Upsample::Bilinear,
            Upsample::Transposed2x2,
            Upsample::Transposed3x3,
        ] {
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
    fn network_is_shared_between_threads() {
        fn check<T: Send + Sync>() {}
        check::<UNet>();
    }
}
