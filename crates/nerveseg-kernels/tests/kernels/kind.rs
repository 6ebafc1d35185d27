//! 1×1 and transposed convolutions, which the same tests go through.

use nerveseg_kernels::{
    Engine, PointwiseConvolution, Size, StridedConvolution, TransposedConvolution, TransposedKernel,
};

use crate::util::Blocked;

#[derive(Clone, Copy, Debug)]
pub(crate) enum Kind {
    Pointwise,
    Transposed(TransposedKernel),
}

impl Kind {
    pub(crate) const ALL: [Self; 3] = [
        Self::Pointwise,
        Self::Transposed(TransposedKernel::TwoByTwo),
        Self::Transposed(TransposedKernel::ThreeByThree),
    ];

    /// Rows, and columns, of the kernel.
    pub(crate) fn side(self) -> usize {
        match self {
            Self::Pointwise => 1,
            Self::Transposed(kernel) => kernel.side(),
        }
    }

    /// The size of the output.
    pub(crate) fn output(self, size: Size) -> Size {
        match self {
            Self::Pointwise => size,
            Self::Transposed(_) => size.doubled(),
        }
    }

    /// The output for an input of `size`.
    pub(crate) fn forward(
        self,
        engine: &Engine,
        channels: [usize; 2],
        (weights, bias): (&[f32], Option<&[f32]>),
        input: &Blocked,
        size: Size,
    ) -> Blocked {
        let mut output = Blocked::fresh(engine, channels[1], self.output(size));
        match self {
            Self::Pointwise => {
                let packed = PointwiseConvolution::new(engine, channels, weights, bias).unwrap();
                engine.convolve_pointwise(&packed, input.maps(), output.maps_mut(), size)
            }
            Self::Transposed(kernel) => {
                let packed =
                    TransposedConvolution::new(engine, kernel, channels, weights, bias).unwrap();
                engine.convolve_transposed(&packed, input.maps(), output.maps_mut(), size)
            }
        }
        .unwrap();
        output
    }

    /// The gradient of an input of `size`.
    pub(crate) fn backward(
        self,
        engine: &Engine,
        channels: [usize; 2],
        weights: &[f32],
        gradient: &Blocked,
        size: Size,
    ) -> Blocked {
        let mut back = Blocked::fresh(engine, channels[0], size);
        match self {
            Self::Pointwise => {
                let packed = PointwiseConvolution::adjoint(engine, channels, weights).unwrap();
                engine.convolve_pointwise(&packed, gradient.maps(), back.maps_mut(), size)
            }
            Self::Transposed(kernel) => {
                let packed =
                    StridedConvolution::adjoint(engine, kernel, channels, weights).unwrap();
                engine.convolve_strided(&packed, gradient.maps(), back.maps_mut(), size)
            }
        }
        .unwrap();
        back
    }

    /// The gradient of `len` weights, from an input of `size`.
    pub(crate) fn weights_gradient(
        self,
        engine: &Engine,
        input: &Blocked,
        gradient: &Blocked,
        len: usize,
        size: Size,
    ) -> Vec<f32> {
        let (input, gradient) = (input.maps(), gradient.maps());
        let mut found = vec![f32::NAN; len];
        match self {
            Self::Pointwise => engine.pointwise_weights_gradient(input, gradient, &mut found, size),
            Self::Transposed(kernel) => {
                engine.transposed_weights_gradient(kernel, input, gradient, &mut found, size)
            }
        }
        .unwrap();
        found
    }
}
