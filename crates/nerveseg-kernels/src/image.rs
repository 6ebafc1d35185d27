//! The first layer: a 3×3 convolution of the image, which is not blocked.

use crate::buffer::Buffer;
use crate::direct::{DirectForward, DirectGradient, Source, TapSet, pack, square};
use crate::isa::Isa;
use crate::lanes::Lanes;
use crate::planes::{Maps, MapsMut, Planes};
use crate::shared::Shared;
use crate::weights::{WeightLayout, WeightView, WeightViewMut};
use crate::{Engine, KernelError, Size, check, check_isa};

/// A 3×3 convolution with zero padding 1 over plain planes of few channels, with its weights,
/// `[outputs, inputs, 3, 3]`, packed for one engine. It has no adjoint: nobody asks for the
/// gradient of an image.
#[derive(Clone, Debug)]
pub struct ImageConvolution {
    isa: Isa,
    channels: [usize; 2],
    taps: TapSet,
    bias: Buffer,
}

impl ImageConvolution {
    /// Packs the weights; `channels` are those of image and output.
    ///
    /// # Errors
    ///
    /// [`KernelError::Length`].
    pub fn new(
        engine: &Engine,
        channels: [usize; 2],
        weights: &[f32],
        bias: Option<&[f32]>,
    ) -> Result<Self, KernelError> {
        let [inputs, outputs] = channels;
        check("weights", weights.len(), inputs * outputs * 9)?;
        let from = Lanes::unpadded(inputs);
        let to = Lanes::new(&[outputs], engine.isa());
        let view = WeightView {
            data: weights,
            layout: WeightLayout::convolution(inputs, 3),
        };
        Ok(Self {
            isa: engine.isa(),
            channels,
            taps: TapSet {
                taps: square(3),
                weights: pack(engine, &view, &from, &to, true),
                first: [0, 0],
            },
            bias: to.spread(bias)?,
        })
    }

    /// Channels of image and output.
    pub(crate) fn channels(&self) -> [usize; 2] {
        self.channels
    }

    /// The stage that takes plain images to blocked maps.
    pub(crate) fn stage(
        &self,
        images: Shared,
        output: Planes,
        size: Size,
        relu: bool,
    ) -> DirectForward<'_> {
        DirectForward {
            source: Source::Plain {
                data: images,
                channels: self.channels[0],
            },
            size,
            sets: std::slice::from_ref(&self.taps),
            step: 1,
            output,
            bias: Shared::read(self.bias.as_slice()),
            relu,
        }
    }
}

impl Engine {
    /// Convolves a batch of images, plain planes of few channels, into blocked maps.
    ///
    /// # Shapes
    ///
    /// - `images`: `[batch, channels, height, width]`
    ///
    /// # Errors
    ///
    /// [`KernelError::Length`]; [`KernelError::Isa`] if the weights were packed for another
    /// instruction set.
    pub fn convolve_image(
        &self,
        convolution: &ImageConvolution,
        images: &[f32],
        output: MapsMut<'_>,
        size: Size,
    ) -> Result<(), KernelError> {
        check_isa(convolution.isa, self.isa())?;
        let [channels, outputs] = convolution.channels;
        check("images", images.len(), size.plain_len(channels))?;
        check("output channels", output.channels, outputs)?;
        let output = Planes::write(&mut [output], size, self.isa())?;
        let stage = convolution.stage(Shared::read(images), output, size, false);
        // SAFETY: lengths and channels were checked against the convolution just now.
        unsafe { self.run(&stage) };
        Ok(())
    }

    /// The gradient of the weights of a convolution of images, `[outputs, channels, 3, 3]`.
    ///
    /// # Shapes
    ///
    /// - `images`: `[batch, channels, height, width]`
    ///
    /// # Errors
    ///
    /// [`KernelError::Length`].
    pub fn image_weights_gradient(
        &self,
        images: &[f32],
        channels: usize,
        gradient: Maps<'_>,
        weights: &mut [f32],
        size: Size,
    ) -> Result<(), KernelError> {
        let outputs = gradient.channels;
        check("images", images.len(), size.plain_len(channels))?;
        check("weights", weights.len(), channels * outputs * 9)?;
        let stage = DirectGradient {
            source: Source::Plain {
                data: Shared::read(images),
                channels,
            },
            straight: Planes::read(&[gradient], size, self.isa())?,
            size,
            taps: &square(3),
            inputs: &Lanes::unpadded(channels),
            outputs: &Lanes::new(&[outputs], self.isa()),
            weights: WeightViewMut {
                data: Shared::write(weights),
                layout: WeightLayout::convolution(channels, 3),
            },
        };
        // SAFETY: lengths were checked just now.
        unsafe { self.run(&stage) };
        Ok(())
    }
}
