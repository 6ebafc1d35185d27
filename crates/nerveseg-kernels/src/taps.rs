//! The U-Net's other convolutions: 1×1, transposed with stride 2, and the 3×3 of the image.

use crate::buffer::Buffer;
use crate::convolution::square;
use crate::direct::{self, DirectForward, DirectGradient, Source, Tap, TapSet};
use crate::layout::{Lanes, Maps, MapsMut, Planes};
use crate::weights::{WeightLayout, WeightView, WeightViewMut};
use crate::{Engine, Isa, KernelError, Size, check, check_isa};

/// Which convolution.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TapKind {
    /// 1×1. Weights `[outputs, inputs, 1, 1]`.
    Pointwise,
    /// Transposed 2×2, stride 2: twice the size. Weights `[inputs, outputs, 2, 2]`.
    Transposed2x2,
    /// Transposed 3×3, stride 2, the last row and column dropped: twice the size. Weights
    /// `[inputs, outputs, 3, 3]`.
    Transposed3x3,
    /// 3×3 with zero padding 1 over plain planes of few channels. Weights
    /// `[outputs, inputs, 3, 3]`.
    Image,
}

impl TapKind {
    fn kernel(self) -> usize {
        match self {
            Self::Pointwise => 1,
            Self::Transposed2x2 => 2,
            Self::Transposed3x3 | Self::Image => 3,
        }
    }

    fn is_transposed(self) -> bool {
        matches!(self, Self::Transposed2x2 | Self::Transposed3x3)
    }

    /// Pixels of the output for one of the input, in either direction.
    fn step(self) -> usize {
        if self.is_transposed() { 2 } else { 1 }
    }

    fn inputs(self, channels: usize, engine: &Engine) -> Lanes {
        match self {
            Self::Image => Lanes::unpadded(channels),
            _ => Lanes::new(&[channels], engine.isa()),
        }
    }

    /// Weights from input to output.
    fn layout(self, inputs: usize, outputs: usize) -> WeightLayout {
        let area = self.kernel() * self.kernel();
        let (output, input) = if self.is_transposed() {
            (area, outputs * area)
        } else {
            (inputs * area, area)
        };
        WeightLayout {
            output,
            input,
            taps: (0..area).collect(),
        }
    }

    /// Taps for the gradient of a transposed convolution: the quarter that a tap has written, and
    /// where in it.
    fn quarters(self) -> Vec<Tap> {
        let quarter = |tap: Tap| Tap {
            y: tap.y / 2,
            x: tap.x / 2,
            quarter: tap.y % 2 * 2 + tap.x % 2,
        };
        square(self.kernel()).into_iter().map(quarter).collect()
    }
}

/// A convolution of one of these kinds with its weights packed for one engine.
#[derive(Clone, Debug)]
pub struct TapConvolution {
    isa: Isa,
    kind: TapKind,
    channels: [usize; 2],
    sets: Vec<TapSet>,
    /// Whether it takes the gradient of the output to that of the input.
    adjoint: bool,
    bias: Buffer,
}

impl TapConvolution {
    /// Packs the weights; `channels` are those of input and output.
    ///
    /// # Errors
    ///
    /// [`KernelError::Length`].
    pub fn new(
        engine: &Engine,
        kind: TapKind,
        channels: [usize; 2],
        weights: &[f32],
        bias: Option<&[f32]>,
    ) -> Result<Self, KernelError> {
        let [inputs, outputs] = channels;
        let kernel = kind.kernel();
        check("weights", weights.len(), inputs * outputs * kernel * kernel)?;
        let (from, to) = (
            kind.inputs(inputs, engine),
            Lanes::new(&[outputs], engine.isa()),
        );
        let layout = kind.layout(inputs, outputs);
        let set = |taps: Vec<Tap>, chosen: Vec<usize>, first: [usize; 2]| {
            let view = WeightView {
                data: weights,
                layout: WeightLayout {
                    taps: chosen,
                    ..layout.clone()
                },
            };
            TapSet {
                taps,
                weights: direct::pack(engine, &view, &from, &to, kind == TapKind::Image),
                first,
            }
        };
        let sets = if kind.is_transposed() {
            // each of the four kinds of output pixels sees its own taps
            let places = [[0, 0], [0, 1], [1, 0], [1, 1]];
            let sets = places.map(|first| {
                let of = |tap: &Tap| [tap.y % 2, tap.x % 2] == first;
                let all = square(kernel);
                let chosen: Vec<usize> = (0..all.len()).filter(|&i| of(&all[i])).collect();
                // tap 2 of an output row is the input row before; the copy has a row above
                let border = kernel / 3;
                let taps = chosen.iter().map(|&i| Tap {
                    y: border - all[i].y / 2,
                    x: border - all[i].x / 2,
                    quarter: 0,
                });
                set(taps.collect(), chosen.clone(), first)
            });
            sets.into()
        } else {
            let all = (0..kernel * kernel).collect();
            vec![set(square(kernel), all, [0, 0])]
        };
        Ok(Self {
            kind,
            channels,
            sets,
            adjoint: false,
            isa: engine.isa(),
            bias: to.spread(bias)?,
        })
    }

    /// The convolution that brings a gradient back through the one of [`new`](Self::new). The
    /// image itself has none.
    ///
    /// # Errors
    ///
    /// [`KernelError::Length`].
    ///
    /// # Panics
    ///
    /// Panics for [`TapKind::Image`].
    pub fn adjoint(
        engine: &Engine,
        kind: TapKind,
        channels: [usize; 2],
        weights: &[f32],
    ) -> Result<Self, KernelError> {
        assert!(
            kind != TapKind::Image,
            "the gradient of the image is not computed"
        );
        let [inputs, outputs] = channels;
        let layout = kind.layout(inputs, outputs);
        check(
            "weights",
            weights.len(),
            inputs * outputs * layout.taps.len(),
        )?;
        let (from, to) = (
            Lanes::new(&[outputs], engine.isa()),
            Lanes::new(&[inputs], engine.isa()),
        );
        let view = WeightView {
            data: weights,
            layout: layout.transposed(),
        };
        let set = TapSet {
            taps: kind.quarters(),
            weights: direct::pack(engine, &view, &from, &to, false),
            first: [0, 0],
        };
        Ok(Self {
            kind,
            channels,
            sets: vec![set],
            adjoint: true,
            isa: engine.isa(),
            bias: to.spread(None)?,
        })
    }

    /// Channels of input and output.
    pub(crate) fn channels(&self) -> [usize; 2] {
        self.channels
    }

    /// Whether the output is twice as high and wide as the input.
    pub(crate) fn doubles(&self) -> bool {
        self.kind.is_transposed()
    }

    /// The stage that takes blocked maps to blocked maps; `size` is that of the smaller ones.
    pub(crate) fn stage(
        &self,
        input: Planes,
        output: Planes,
        size: Size,
        relu: bool,
    ) -> DirectForward<'_> {
        let source = match (self.kind, self.adjoint) {
            (TapKind::Transposed3x3, false) => Source::Padded {
                planes: input,
                before: 1,
                after: 0,
            },
            (TapKind::Transposed2x2 | TapKind::Transposed3x3, true) => Source::Quarters(input),
            _ => Source::Planes(input),
        };
        self.from(source, output, size, relu)
    }

    /// The stage that takes the image to blocked maps.
    pub(crate) fn image_stage(
        &self,
        data: *const f32,
        output: Planes,
        size: Size,
        relu: bool,
    ) -> DirectForward<'_> {
        let channels = self.channels[0];
        self.from(Source::Plain { data, channels }, output, size, relu)
    }

    fn from(&self, source: Source, output: Planes, size: Size, relu: bool) -> DirectForward<'_> {
        DirectForward {
            source,
            size,
            sets: &self.sets,
            step: if self.adjoint { 1 } else { self.kind.step() },
            output,
            bias: self.bias.as_slice().as_ptr(),
            relu,
        }
    }
}

impl Engine {
    /// Runs a convolution of blocked maps. `size` is that of the input, for an adjoint that of
    /// the output: the smaller of the two.
    ///
    /// # Errors
    ///
    /// [`KernelError::Length`]; [`KernelError::Isa`] if its weights were packed for another
    /// instruction set.
    ///
    /// # Panics
    ///
    /// Panics for [`TapKind::Image`], which has [`convolve_image`](Self::convolve_image).
    pub fn convolve_taps(
        &self,
        convolution: &TapConvolution,
        input: Maps<'_>,
        output: MapsMut<'_>,
        size: Size,
    ) -> Result<(), KernelError> {
        assert!(
            convolution.kind != TapKind::Image,
            "the image is not blocked"
        );
        check_isa(convolution.isa, self.isa())?;
        let large = match convolution.kind.step() {
            2 => size.doubled(),
            _ => size,
        };
        let ([from, to], [size_in, size_out]) = match convolution.adjoint {
            false => (convolution.channels, [size, large]),
            true => (
                [convolution.channels[1], convolution.channels[0]],
                [large, size],
            ),
        };
        check("input channels", input.channels, from)?;
        check("output channels", output.channels, to)?;
        let input = Planes::read(&[input], size_in, self.isa())?;
        let output = Planes::write(&mut [output], size_out, self.isa())?;
        let stage = convolution.stage(input, output, size, false);
        // SAFETY: lengths and channels were checked against the convolution just now.
        unsafe { self.run(&stage) };
        Ok(())
    }

    /// Convolves a batch of images, plain planes of few channels, into blocked maps.
    ///
    /// # Shapes
    ///
    /// - `images`: `[batch, channels, height, width]`
    ///
    /// # Errors
    ///
    /// [`KernelError::Length`]; [`KernelError::Isa`] if its weights were packed for another
    /// instruction set.
    ///
    /// # Panics
    ///
    /// Panics if the convolution is not [`TapKind::Image`].
    pub fn convolve_image(
        &self,
        convolution: &TapConvolution,
        images: &[f32],
        output: MapsMut<'_>,
        size: Size,
    ) -> Result<(), KernelError> {
        assert!(convolution.kind == TapKind::Image, "not made for images");
        check_isa(convolution.isa, self.isa())?;
        let [channels, outputs] = convolution.channels;
        check("images", images.len(), size.plain_len(channels))?;
        check("output channels", output.channels, outputs)?;
        let output = Planes::write(&mut [output], size, self.isa())?;
        let stage = convolution.image_stage(images.as_ptr(), output, size, false);
        // SAFETY: as in `convolve_taps`.
        unsafe { self.run(&stage) };
        Ok(())
    }

    /// The gradient of the weights of a convolution of blocked maps; `size` as in
    /// [`convolve_taps`](Self::convolve_taps).
    ///
    /// # Errors
    ///
    /// [`KernelError::Length`].
    ///
    /// # Panics
    ///
    /// Panics for [`TapKind::Image`].
    pub fn taps_weights_gradient(
        &self,
        kind: TapKind,
        input: Maps<'_>,
        gradient: Maps<'_>,
        weights: &mut [f32],
        size: Size,
    ) -> Result<(), KernelError> {
        assert!(kind != TapKind::Image, "the image is not blocked");
        let (isa, channels) = (self.isa(), [input.channels, gradient.channels]);
        let layout = kind.layout(channels[0], channels[1]);
        check(
            "weights",
            weights.len(),
            channels[0] * channels[1] * layout.taps.len(),
        )?;
        let [inputs, outputs] = channels.map(|count| Lanes::new(&[count], isa));
        let input = Planes::read(&[input], size, isa)?;
        let data = weights.as_mut_ptr();
        let stage = if kind.is_transposed() {
            DirectGradient {
                source: Source::Quarters(Planes::read(&[gradient], size.doubled(), isa)?),
                straight: input,
                size,
                taps: &kind.quarters(),
                inputs: &outputs,
                outputs: &inputs,
                weights: WeightViewMut {
                    data,
                    layout: layout.transposed(),
                },
            }
        } else {
            DirectGradient {
                source: Source::Planes(input),
                straight: Planes::read(&[gradient], size, isa)?,
                size,
                taps: &square(1),
                inputs: &inputs,
                outputs: &outputs,
                weights: WeightViewMut { data, layout },
            }
        };
        // SAFETY: lengths were checked just now.
        unsafe { self.run(&stage) };
        Ok(())
    }

    /// The gradient of the weights of a convolution of images, `[outputs, channels, 3, 3]`.
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
                data: images.as_ptr(),
                channels,
            },
            straight: Planes::read(&[gradient], size, self.isa())?,
            size,
            taps: &square(3),
            inputs: &Lanes::unpadded(channels),
            outputs: &Lanes::new(&[outputs], self.isa()),
            weights: WeightViewMut {
                data: weights.as_mut_ptr(),
                layout: TapKind::Image.layout(channels, outputs),
            },
        };
        // SAFETY: lengths were checked just now.
        unsafe { self.run(&stage) };
        Ok(())
    }
}
