//! 3×3 convolutions of stride 1 with zero padding 1, forward and backward.

mod algorithm;
mod gradient;
mod stage;

use crate::buffer::Buffer;
use crate::direct::{self, DirectForward, Source, TapSet, square};
use crate::isa::Isa;
use crate::lanes::Lanes;
use crate::planes::{Maps, MapsMut, Planes};
use crate::shared::Shared;
use crate::weights::{WeightLayout, WeightView};
use crate::winograd::{self, Forward, Method};
use crate::{Engine, KernelError, Size, check, check_isa};
pub use algorithm::Algorithm;
pub(crate) use stage::ConvolutionStage;

/// A 3×3 convolution with its weights packed for one engine and one size.
#[derive(Clone, Debug)]
pub struct Convolution {
    isa: Isa,
    size: Size,
    channels_out: usize,
    inputs: Lanes,
    outputs: Lanes,
    weights: Packed,
    bias: Buffer,
    threads: usize,
    /// Lanes of a group of outputs.
    group: usize,
}

/// Weights in the form that the algorithm asks for.
#[derive(Clone, Debug)]
enum Packed {
    Winograd(Buffer),
    Direct(TapSet),
}

/// What happens to an output before it is stored.
#[derive(Debug, Default)]
pub struct Finish<'a> {
    /// Negative values become zero.
    pub relu: bool,
    /// Where the largest of every 2×2 goes besides; only Winograd can do it.
    pub pooled: Option<MapsMut<'a>>,
}

impl Convolution {
    /// Packs `weights` for maps of `size`.
    ///
    /// # Shapes
    ///
    /// - `weights`: `[outputs, inputs, 3, 3]`, where the inputs are those of all `parts`
    /// - `bias`: `[outputs]`
    ///
    /// # Errors
    ///
    /// [`KernelError::Length`].
    pub fn new(
        engine: &Engine,
        (parts, outputs): (&[usize], usize),
        weights: &[f32],
        bias: Option<&[f32]>,
        size: Size,
        algorithm: Algorithm,
    ) -> Result<Self, KernelError> {
        let inputs: usize = parts.iter().sum();
        check("weights", weights.len(), outputs * inputs * 9)?;
        let view = WeightView {
            data: weights,
            layout: WeightLayout::convolution(inputs, 3),
        };
        Self::packed(engine, &view, (parts, &[outputs]), bias, size, algorithm)
    }

    /// The convolution that brings a gradient back through the one of [`new`](Self::new): it
    /// takes the gradient of the output and gives those of the inputs.
    ///
    /// # Errors
    ///
    /// [`KernelError::Length`].
    pub fn adjoint(
        engine: &Engine,
        (parts, outputs): (&[usize], usize),
        weights: &[f32],
        size: Size,
        algorithm: Algorithm,
    ) -> Result<Self, KernelError> {
        let inputs: usize = parts.iter().sum();
        check("weights", weights.len(), outputs * inputs * 9)?;
        let view = WeightView {
            data: weights,
            layout: WeightLayout::adjoint_convolution(inputs, 3),
        };
        Self::packed(engine, &view, (&[outputs], parts), None, size, algorithm)
    }

    fn packed(
        engine: &Engine,
        view: &WeightView<'_>,
        (from, to): (&[usize], &[usize]),
        bias: Option<&[f32]>,
        size: Size,
        algorithm: Algorithm,
    ) -> Result<Self, KernelError> {
        let isa = engine.isa();
        let (inputs, outputs) = (Lanes::new(from, isa), Lanes::new(to, isa));
        let weights = if algorithm.is_winograd(size) {
            Packed::Winograd(winograd::pack(engine, view, &inputs, &outputs))
        } else {
            Packed::Direct(TapSet {
                taps: square(3),
                weights: direct::pack(engine, view, &inputs, &outputs, false),
                first: [0, 0],
            })
        };
        Ok(Self {
            isa,
            size,
            channels_out: to.iter().sum(),
            weights,
            bias: outputs.spread(bias)?,
            inputs,
            outputs,
            threads: engine.team().threads(),
            group: isa.lanes() * isa.columns(),
        })
    }

    /// Channels of the output.
    pub(crate) fn channels_out(&self) -> usize {
        self.channels_out
    }

    /// Whether it goes through Winograd's transform.
    pub fn is_winograd(&self) -> bool {
        matches!(self.weights, Packed::Winograd(_))
    }

    /// The stage that takes `input` to `output`, both of `size`, which may differ in its batch from
    /// the size that the weights were packed for.
    pub(crate) fn stage_at(
        &self,
        size: Size,
        input: Planes,
        output: Planes,
        relu: bool,
        pooled: Option<Planes>,
    ) -> ConvolutionStage<'_> {
        let bias = Shared::read(self.bias.as_slice());
        match &self.weights {
            Packed::Winograd(weights) => {
                let channels = [self.inputs.len(), self.outputs.len()];
                ConvolutionStage::Winograd(Forward {
                    input,
                    output,
                    pooled,
                    size,
                    weights: Shared::read(weights.as_slice()),
                    bias,
                    relu,
                    method: Method::choose(size, channels, self.group, self.threads),
                })
            }
            Packed::Direct(set) => ConvolutionStage::Direct(DirectForward {
                source: Source::Padded {
                    planes: input,
                    before: 1,
                    after: 1,
                },
                size,
                sets: std::slice::from_ref(set),
                step: 1,
                output,
                bias,
                relu,
            }),
        }
    }
}

impl Engine {
    /// Convolves `input`, one or two sets of maps that count as one, into `output` (one set, or
    /// two for an [adjoint](Convolution::adjoint)).
    ///
    /// # Errors
    ///
    /// [`KernelError::Length`] if maps do not have the convolution's size and channels,
    /// [`KernelError::Isa`] if its weights were packed for another instruction set.
    pub fn convolve(
        &self,
        convolution: &Convolution,
        input: &[Maps<'_>],
        output: &mut [MapsMut<'_>],
        finish: Finish<'_>,
    ) -> Result<(), KernelError> {
        let (size, isa) = (convolution.size, self.isa());
        check_isa(convolution.isa, isa)?;
        let input = Planes::read(input, size, isa)?;
        let output = Planes::write(output, size, isa)?;
        check(
            "input lanes",
            input.blocks() * isa.lanes(),
            convolution.inputs.len(),
        )?;
        check(
            "output lanes",
            output.blocks() * isa.lanes(),
            convolution.outputs.len(),
        )?;
        let pooled = finish
            .pooled
            .map(|maps| Planes::write(&mut [maps], size.halved(), isa))
            .transpose()?;
        if let Some(pooled) = &pooled {
            check("pooled blocks", pooled.blocks(), output.blocks())?;
            check(
                "pooling in a direct convolution",
                usize::from(convolution.is_winograd()),
                1,
            )?;
        }
        if size.plain_len(1) == 0 {
            return Ok(());
        }
        let stage = convolution.stage_at(size, input, output, finish.relu, pooled);
        // SAFETY: lengths and channels were checked against the convolution just now.
        unsafe { self.run(&stage) };
        Ok(())
    }
}
