//! 1×1 convolutions.

use crate::buffer::Buffer;
use crate::direct::{DirectForward, DirectGradient, Source, TapSet, pack, square};
use crate::isa::Isa;
use crate::lanes::Lanes;
use crate::planes::{Maps, MapsMut, Planes};
use crate::shared::Shared;
use crate::weights::{WeightLayout, WeightView, WeightViewMut};
use crate::{Engine, KernelError, Size, check, check_isa};

/// A 1×1 convolution with its weights, `[outputs, inputs, 1, 1]`, packed for one engine.
#[derive(Clone, Debug)]
pub struct PointwiseConvolution {
    isa: Isa,
    /// Of what it reads and of what it writes.
    channels: [usize; 2],
    taps: TapSet,
    bias: Buffer,
}

impl PointwiseConvolution {
    /// Packs the weights; `channels` are those of input and output.
    ///
    /// # Errors
    ///
    /// [`KernelError::Length`].
    pub fn new(
        engine: &Engine,
        [inputs, outputs]: [usize; 2],
        weights: &[f32],
        bias: Option<&[f32]>,
    ) -> Result<Self, KernelError> {
        check("weights", weights.len(), inputs * outputs)?;
        let layout = WeightLayout::convolution(inputs, 1);
        Self::packed(engine, [inputs, outputs], weights, layout, bias)
    }

    /// The convolution that brings a gradient back through the one of [`new`](Self::new), whose
    /// `channels` these are: it reads the outputs' gradient and writes the inputs'.
    ///
    /// # Errors
    ///
    /// [`KernelError::Length`].
    pub fn adjoint(
        engine: &Engine,
        [inputs, outputs]: [usize; 2],
        weights: &[f32],
    ) -> Result<Self, KernelError> {
        check("weights", weights.len(), inputs * outputs)?;
        let layout = WeightLayout::convolution(inputs, 1).swapped();
        Self::packed(engine, [outputs, inputs], weights, layout, None)
    }

    fn packed(
        engine: &Engine,
        channels: [usize; 2],
        data: &[f32],
        layout: WeightLayout,
        bias: Option<&[f32]>,
    ) -> Result<Self, KernelError> {
        let [from, to] = channels.map(|count| Lanes::new(&[count], engine.isa()));
        let view = WeightView { data, layout };
        Ok(Self {
            isa: engine.isa(),
            channels,
            taps: TapSet {
                taps: square(1),
                weights: pack(engine, &view, &from, &to, false),
                first: [0, 0],
            },
            bias: to.spread(bias)?,
        })
    }

    /// Channels of what it reads and of what it writes.
    pub(crate) fn channels(&self) -> [usize; 2] {
        self.channels
    }

    /// The stage that takes maps of `size` to maps of `size`.
    pub(crate) fn stage(&self, input: Planes, output: Planes, size: Size) -> DirectForward<'_> {
        DirectForward {
            source: Source::Planes(input),
            size,
            sets: std::slice::from_ref(&self.taps),
            step: 1,
            output,
            bias: Shared::read(self.bias.as_slice()),
            relu: false,
        }
    }
}

impl Engine {
    /// Convolves maps of `size`, 1×1.
    ///
    /// # Errors
    ///
    /// [`KernelError::Length`]; [`KernelError::Isa`] if the weights were packed for another
    /// instruction set.
    pub fn convolve_pointwise(
        &self,
        convolution: &PointwiseConvolution,
        input: Maps<'_>,
        output: MapsMut<'_>,
        size: Size,
    ) -> Result<(), KernelError> {
        check_isa(convolution.isa, self.isa())?;
        let [from, to] = convolution.channels;
        check("input channels", input.channels, from)?;
        check("output channels", output.channels, to)?;
        let input = Planes::read(&[input], size, self.isa())?;
        let output = Planes::write(&mut [output], size, self.isa())?;
        let stage = convolution.stage(input, output, size);
        // SAFETY: lengths and channels were checked against the convolution just now.
        unsafe { self.run(&stage) };
        Ok(())
    }

    /// The gradient of a 1×1 convolution's weights, `[outputs, inputs, 1, 1]`, from its input and
    /// the gradient of its output, both of `size`.
    ///
    /// # Errors
    ///
    /// [`KernelError::Length`].
    pub fn pointwise_weights_gradient(
        &self,
        input: Maps<'_>,
        gradient: Maps<'_>,
        weights: &mut [f32],
        size: Size,
    ) -> Result<(), KernelError> {
        let (isa, channels) = (self.isa(), [input.channels, gradient.channels]);
        check("weights", weights.len(), channels[0] * channels[1])?;
        let [inputs, outputs] = channels.map(|count| Lanes::new(&[count], isa));
        let stage = DirectGradient {
            source: Source::Planes(Planes::read(&[input], size, isa)?),
            straight: Planes::read(&[gradient], size, isa)?,
            size,
            taps: &square(1),
            inputs: &inputs,
            outputs: &outputs,
            weights: WeightViewMut {
                data: Shared::write(weights),
                layout: WeightLayout::convolution(channels[0], 1),
            },
        };
        // SAFETY: lengths were checked just now.
        unsafe { self.run(&stage) };
        Ok(())
    }
}
