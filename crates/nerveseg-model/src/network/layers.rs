//! The three building blocks of the U-Net.

use burn::module::Module;
use burn::nn::conv::{Conv2d, Conv2dConfig, ConvTranspose2d, ConvTranspose2dConfig};
use burn::nn::{BatchNorm, BatchNormConfig, PaddingConfig2d, Relu};
use burn::tensor::{Device, Tensor};
use nerveseg_kernels::TransposedKernel;

use super::bilinear::double;
use crate::{UNetConfig, Upsample};

/// Two times 3×3 convolution, batch norm, ReLU; keeps height and width.
#[derive(Module, Debug)]
pub struct ConvBlock {
    pub(crate) conv1: Conv2d,
    pub(crate) norm1: BatchNorm,
    pub(crate) conv2: Conv2d,
    pub(crate) norm2: BatchNorm,
    relu: Relu,
}

impl ConvBlock {
    pub(super) fn new(
        [in_channels, out_channels]: [usize; 2],
        config: &UNetConfig,
        device: &Device,
    ) -> Self {
        let norm = BatchNormConfig::new(out_channels)
            .with_epsilon(config.norm_epsilon)
            .with_momentum(config.norm_momentum);
        Self {
            conv1: conv(in_channels, out_channels, 3, device),
            norm1: norm.init(device),
            conv2: conv(out_channels, out_channels, 3, device),
            norm2: norm.init(device),
            relu: Relu::new(),
        }
    }

    /// # Shapes
    ///
    /// - `input`: `[batch, in_channels, height, width]`
    /// - output: `[batch, out_channels, height, width]`
    pub fn forward(&self, input: Tensor<4>) -> Tensor<4> {
        let x = self.conv1.forward(input);
        let x = self.norm1.forward(x);
        let x = self.relu.forward(x);
        let x = self.conv2.forward(x);
        let x = self.norm2.forward(x);
        self.relu.forward(x)
    }
}

/// The convolution that an [`Up`] has.
pub(crate) enum UpConv<'a> {
    /// 1×1, before bilinear upsampling.
    Pointwise(&'a Conv2d),
    /// Transposed.
    Transposed(TransposedKernel, &'a ConvTranspose2d),
}

/// Doubles height and width and brings the channels down to those of the skip.
#[derive(Module, Debug)]
pub struct Up {
    pub(crate) transposed: Option<ConvTranspose2d>,
    pub(crate) pointwise: Option<Conv2d>,
}

impl Up {
    pub(super) fn new(channels: [usize; 2], upsample: Upsample, device: &Device) -> Self {
        match upsample {
            Upsample::Transposed3x3 => {
                // Keras "same" at stride 2 drops the last row and column of the full output:
                // `Up::forward` crops, so no padding here
                Self {
                    transposed: Some(transposed(channels, 3, device)),
                    pointwise: None,
                }
            }
            Upsample::Transposed2x2 => Self {
                transposed: Some(transposed(channels, 2, device)),
                pointwise: None,
            },
            Upsample::Bilinear => Self {
                transposed: None,
                pointwise: Some(conv(channels[0], channels[1], 1, device)),
            },
        }
    }

    /// Its convolution, whichever it has.
    pub(crate) fn conv(&self) -> UpConv<'_> {
        if let Some(conv) = &self.transposed {
            let [_, _, side, _] = conv.weight.dims();
            let kernel = match side {
                2 => TransposedKernel::TwoByTwo,
                _ => TransposedKernel::ThreeByThree,
            };
            return UpConv::Transposed(kernel, conv);
        }
        UpConv::Pointwise(self.pointwise.as_ref().expect("one of the two is there"))
    }

    /// # Shapes
    ///
    /// - `input`: `[batch, in_channels, height, width]`
    /// - output: `[batch, out_channels, 2·height, 2·width]`
    pub fn forward(&self, input: Tensor<4>) -> Tensor<4> {
        if let Some(transposed) = &self.transposed {
            let [batch, _, height, width] = input.dims();
            let x = transposed.forward(input);
            let channels = x.dims()[1];
            return x.slice([0..batch, 0..channels, 0..2 * height, 0..2 * width]);
        }
        double(match &self.pointwise {
            Some(pointwise) => pointwise.forward(input),
            None => input,
        })
    }
}

/// `kernel`×`kernel` convolution with "same" padding.
pub(super) fn conv(
    in_channels: usize,
    out_channels: usize,
    kernel: usize,
    device: &Device,
) -> Conv2d {
    Conv2dConfig::new([in_channels, out_channels], [kernel, kernel])
        .with_padding(PaddingConfig2d::Same)
        .init(device)
}

/// `kernel`×`kernel` transposed convolution of stride 2 without padding.
fn transposed(
    [in_channels, out_channels]: [usize; 2],
    kernel: usize,
    device: &Device,
) -> ConvTranspose2d {
    ConvTranspose2dConfig::new([in_channels, out_channels], [kernel, kernel])
        .with_stride([2, 2])
        .init(device)
}
