//! Transposed convolutions of stride 2, which double height and width, and their adjoints.

use crate::buffer::Buffer;
use crate::direct::{DirectForward, DirectGradient, Source, Tap, TapSet, pack, square};
use crate::isa::Isa;
use crate::lanes::Lanes;
use crate::planes::{Maps, MapsMut, Planes};
use crate::shared::Shared;
use crate::weights::{WeightLayout, WeightView, WeightViewMut};
use crate::{Engine, KernelError, Size, check, check_isa};

/// The kernel of a transposed convolution of stride 2.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TransposedKernel {
    /// 2×2: every output pixel comes from one input pixel.
    TwoByTwo,
    /// 3×3, the last row and column of the full output dropped.
    ThreeByThree,
}

impl TransposedKernel {
    /// Rows, and columns.
    pub const fn side(self) -> usize {
        match self {
            Self::TwoByTwo => 2,
            Self::ThreeByThree => 3,
        }
    }

    const fn area(self) -> usize {
        self.side() * self.side()
    }

    /// Rows of zeros above the input, and columns left of it, that taps reach into.
    const fn border(self) -> usize {
        match self {
            Self::TwoByTwo => 0,
            Self::ThreeByThree => 1,
        }
    }

    /// Taps of the adjoint: the quarter of the output that a tap has written, and where in it.
    fn quarters(self) -> Vec<Tap> {
        let quarter = |tap: Tap| Tap {
            y: tap.y / 2,
            x: tap.x / 2,
            quarter: tap.y % 2 * 2 + tap.x % 2,
        };
        square(self.side()).into_iter().map(quarter).collect()
    }
}

/// A transposed convolution with its weights, `[inputs, outputs, k, k]`, packed for one engine.
#[derive(Clone, Debug)]
pub struct TransposedConvolution {
    isa: Isa,
    kernel: TransposedKernel,
    channels: [usize; 2],
    /// One for each of the four kinds of output pixels, which see taps of their own.
    sets: [TapSet; 4],
    bias: Buffer,
}

impl TransposedConvolution {
    /// Packs the weights; `channels` are those of input and output.
    ///
    /// # Errors
    ///
    /// [`KernelError::Length`].
    pub fn new(
        engine: &Engine,
        kernel: TransposedKernel,
        channels: [usize; 2],
        weights: &[f32],
        bias: Option<&[f32]>,
    ) -> Result<Self, KernelError> {
        let [inputs, outputs] = channels;
        check("weights", weights.len(), inputs * outputs * kernel.area())?;
        let [from, to] = channels.map(|count| Lanes::new(&[count], engine.isa()));
        let layout = WeightLayout::transposed_convolution(outputs, kernel.side());
        let all = square(kernel.side());
        let sets = [[0, 0], [0, 1], [1, 0], [1, 1]].map(|first| {
            let of = |tap: &Tap| [tap.y % 2, tap.x % 2] == first;
            let chosen: Vec<usize> = (0..all.len()).filter(|&i| of(&all[i])).collect();
            // tap 2 of an output row is the input row before; the copy has a row above
            let taps = chosen.iter().map(|&i| Tap {
                y: kernel.border() - all[i].y / 2,
                x: kernel.border() - all[i].x / 2,
                quarter: 0,
            });
            let taps = taps.collect();
            let view = WeightView {
                data: weights,
                layout: WeightLayout {
                    taps: chosen,
                    ..layout.clone()
                },
            };
            TapSet {
                taps,
                weights: pack(engine, &view, &from, &to, false),
                first,
            }
        });
        Ok(Self {
            isa: engine.isa(),
            kernel,
            channels,
            sets,
            bias: to.spread(bias)?,
        })
    }

    /// Channels of input and output.
    pub(crate) fn channels(&self) -> [usize; 2] {
        self.channels
    }

    /// The stage that takes maps of `size` to maps of twice the size.
    pub(crate) fn stage(&self, input: Planes, output: Planes, size: Size) -> DirectForward<'_> {
        let source = match self.kernel {
            TransposedKernel::TwoByTwo => Source::Planes(input),
            TransposedKernel::ThreeByThree => Source::Padded {
                planes: input,
                before: self.kernel.border(),
                after: 0,
            },
        };
        DirectForward {
            source,
            size,
            sets: &self.sets,
            step: 2,
            output,
            bias: Shared::read(self.bias.as_slice()),
            relu: false,
        }
    }
}

/// The adjoint of a [`TransposedConvolution`], a convolution of stride 2: it takes the gradient of
/// the output, twice as high and wide, to that of the input.
#[derive(Clone, Debug)]
pub struct StridedConvolution {
    isa: Isa,
    /// Of the transposed convolution: it reads the second and writes the first.
    channels: [usize; 2],
    taps: TapSet,
    bias: Buffer,
}

impl StridedConvolution {
    /// Packs the weights of the transposed convolution whose `kernel`, `channels` and `weights`
    /// these are.
    ///
    /// # Errors
    ///
    /// [`KernelError::Length`].
    pub fn adjoint(
        engine: &Engine,
        kernel: TransposedKernel,
        channels: [usize; 2],
        weights: &[f32],
    ) -> Result<Self, KernelError> {
        let [inputs, outputs] = channels;
        check("weights", weights.len(), inputs * outputs * kernel.area())?;
        let [to, from] = channels.map(|count| Lanes::new(&[count], engine.isa()));
        let view = WeightView {
            data: weights,
            layout: WeightLayout::transposed_convolution(outputs, kernel.side()).swapped(),
        };
        Ok(Self {
            isa: engine.isa(),
            channels,
            taps: TapSet {
                taps: kernel.quarters(),
                weights: pack(engine, &view, &from, &to, false),
                first: [0, 0],
            },
            bias: to.spread(None)?,
        })
    }
}

impl Engine {
    /// Runs a transposed convolution: maps of `size` to maps of twice the size.
    ///
    /// # Errors
    ///
    /// [`KernelError::Length`]; [`KernelError::Isa`] if the weights were packed for another
    /// instruction set.
    pub fn convolve_transposed(
        &self,
        convolution: &TransposedConvolution,
        input: Maps<'_>,
        output: MapsMut<'_>,
        size: Size,
    ) -> Result<(), KernelError> {
        check_isa(convolution.isa, self.isa())?;
        let [inputs, outputs] = convolution.channels;
        check("input channels", input.channels, inputs)?;
        check("output channels", output.channels, outputs)?;
        let input = Planes::read(&[input], size, self.isa())?;
        let output = Planes::write(&mut [output], size.doubled(), self.isa())?;
        let stage = convolution.stage(input, output, size);
        // SAFETY: lengths and channels were checked against the convolution just now.
        unsafe { self.run(&stage) };
        Ok(())
    }

    /// Brings a gradient back through a transposed convolution: maps of twice `size` to maps of
    /// `size`.
    ///
    /// # Errors
    ///
    /// [`KernelError::Length`]; [`KernelError::Isa`] if the weights were packed for another
    /// instruction set.
    pub fn convolve_strided(
        &self,
        convolution: &StridedConvolution,
        gradient: Maps<'_>,
        output: MapsMut<'_>,
        size: Size,
    ) -> Result<(), KernelError> {
        check_isa(convolution.isa, self.isa())?;
        let [inputs, outputs] = convolution.channels;
        check("input channels", gradient.channels, outputs)?;
        check("output channels", output.channels, inputs)?;
        let gradient = Planes::read(&[gradient], size.doubled(), self.isa())?;
        let stage = DirectForward {
            source: Source::Quarters(gradient),
            size,
            sets: std::slice::from_ref(&convolution.taps),
            step: 1,
            output: Planes::write(&mut [output], size, self.isa())?,
            bias: Shared::read(convolution.bias.as_slice()),
            relu: false,
        };
        // SAFETY: lengths and channels were checked against the convolution just now.
        unsafe { self.run(&stage) };
        Ok(())
    }

    /// The gradient of a transposed convolution's weights, `[inputs, outputs, k, k]`, from its
    /// `input` of `size` and the gradient of its output.
    ///
    /// # Errors
    ///
    /// [`KernelError::Length`].
    pub fn transposed_weights_gradient(
        &self,
        kernel: TransposedKernel,
        input: Maps<'_>,
        gradient: Maps<'_>,
        weights: &mut [f32],
        size: Size,
    ) -> Result<(), KernelError> {
        let (isa, channels) = (self.isa(), [input.channels, gradient.channels]);
        let len = channels[0] * channels[1] * kernel.area();
        check("weights", weights.len(), len)?;
        let [inputs, outputs] = channels.map(|count| Lanes::new(&[count], isa));
        let input = Planes::read(&[input], size, isa)?;
        let stage = DirectGradient {
            source: Source::Quarters(Planes::read(&[gradient], size.doubled(), isa)?),
            straight: input,
            size,
            taps: &kernel.quarters(),
            inputs: &outputs,
            outputs: &inputs,
            weights: WeightViewMut {
                data: Shared::write(weights),
                layout: WeightLayout::transposed_convolution(channels[1], kernel.side()).swapped(),
            },
        };
        // SAFETY: lengths were checked just now.
        unsafe { self.run(&stage) };
        Ok(())
    }
}
