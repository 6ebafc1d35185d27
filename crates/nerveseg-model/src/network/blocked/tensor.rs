//! Blocked feature maps as a tensor.

use burn::backend::{Dispatch, DispatchTensor};
use burn::module::Param;
use burn::tensor::Tensor;
use nerveseg_kernels::TransposedKernel;

use super::extension::UNetOps as _;
use super::operation::Operation;

/// Feature maps in the blocked layout. Shape: `[batch, blocks, height, width, lanes]`.
#[derive(Clone, Debug)]
pub(crate) struct Blocked {
    pub(crate) tensor: Tensor<5>,
    channels: usize,
}

fn run<const D: usize>(layer: Operation, inputs: Vec<DispatchTensor>) -> Tensor<D> {
    let count = inputs.len();
    let mut inputs = inputs.into_iter();
    let mut next = || inputs.next().expect("as many as are counted");
    Tensor::from_dispatch(match count {
        1 => Dispatch::unet_layer1(layer, next()),
        3 => Dispatch::unet_layer3(layer, next(), next(), next()),
        _ => Dispatch::unet_layer4(layer, next(), next(), next(), next()),
    })
}

/// Weights and bias of a layer.
fn parameters<const D: usize>(
    weight: &Param<Tensor<D>>,
    bias: Option<&Param<Tensor<1>>>,
) -> [DispatchTensor; 2] {
    let weight = weight.val();
    let bias = match bias {
        Some(bias) => bias.val(),
        None => unreachable!("every layer of the network has a bias"),
    };
    [weight.into_dispatch(), bias.into_dispatch()]
}

impl Blocked {
    /// 3×3 convolution of the image.
    pub(crate) fn of_image(
        image: Tensor<4>,
        weight: &Param<Tensor<4>>,
        bias: Option<&Param<Tensor<1>>>,
    ) -> Self {
        let channels = weight.dims()[0];
        let [weight, bias] = parameters(weight, bias);
        let inputs = vec![image.into_dispatch(), weight, bias];
        Self {
            tensor: run(Operation::Image, inputs),
            channels,
        }
    }

    /// 3×3 convolution of one or two sets of maps.
    pub(crate) fn convolve(
        parts: Vec<Self>,
        weight: &Param<Tensor<4>>,
        bias: Option<&Param<Tensor<1>>>,
    ) -> Self {
        let channels = weight.dims()[0];
        let operation = Operation::Convolve {
            parts: parts.iter().map(|part| part.channels).collect(),
        };
        let mut inputs: Vec<_> = parts
            .into_iter()
            .map(|part| part.tensor.into_dispatch())
            .collect();
        inputs.extend(parameters(weight, bias));
        Self {
            tensor: run(operation, inputs),
            channels,
        }
    }

    /// 1×1 convolution.
    pub(crate) fn pointwise(
        self,
        weight: &Param<Tensor<4>>,
        bias: Option<&Param<Tensor<1>>>,
    ) -> Self {
        let [channels, ..] = weight.dims();
        self.layer(Operation::Pointwise, channels, parameters(weight, bias))
    }

    /// Transposed convolution of stride 2.
    pub(crate) fn transposed(
        self,
        kernel: TransposedKernel,
        weight: &Param<Tensor<4>>,
        bias: Option<&Param<Tensor<1>>>,
    ) -> Self {
        let [_, channels, ..] = weight.dims();
        let operation = Operation::Transposed { kernel };
        self.layer(operation, channels, parameters(weight, bias))
    }

    /// Mean and variance of every channel over the batch, without a gradient. Shape:
    /// `[2, channels]`.
    pub(crate) fn statistics(&self) -> Tensor<2> {
        let operation = Operation::Statistics {
            channels: self.channels,
        };
        let inputs = vec![self.tensor.clone().detach().into_dispatch()];
        run::<2>(operation, inputs).detach()
    }

    /// Normalisation with `statistics` (`[2, channels]`), then ReLU.
    pub(crate) fn normalise(
        self,
        gamma: Tensor<1>,
        beta: Tensor<1>,
        statistics: Tensor<2>,
        epsilon: f64,
    ) -> Self {
        let operation = Operation::NormRelu {
            epsilon: epsilon as f32,
        };
        let inputs = vec![
            self.tensor.into_dispatch(),
            gamma.into_dispatch(),
            beta.into_dispatch(),
            statistics.into_dispatch(),
        ];
        Self {
            tensor: run(operation, inputs),
            channels: self.channels,
        }
    }

    /// Max pooling 2×2.
    pub(crate) fn pool(self) -> Self {
        let channels = self.channels;
        self.map(Operation::Pool { channels })
    }

    /// Bilinear upsampling by two.
    pub(crate) fn upsample(self) -> Self {
        let channels = self.channels;
        self.map(Operation::Upsample { channels })
    }

    /// Plain maps. Shape: `[batch, channels, height, width]`.
    pub(crate) fn plain(self) -> Tensor<4> {
        let channels = self.channels;
        run(
            Operation::Unblock { channels },
            vec![self.tensor.into_dispatch()],
        )
    }

    /// 1×1 convolution to plain maps.
    pub(crate) fn head(
        self,
        weight: &Param<Tensor<4>>,
        bias: Option<&Param<Tensor<1>>>,
    ) -> Tensor<4> {
        let [weight, bias] = parameters(weight, bias);
        run(
            Operation::Head,
            vec![self.tensor.into_dispatch(), weight, bias],
        )
    }

    /// What `f`, which treats every value alike, makes of the maps.
    pub(crate) fn each(self, f: impl FnOnce(Tensor<5>) -> Tensor<5>) -> Self {
        Self {
            tensor: f(self.tensor),
            channels: self.channels,
        }
    }

    fn layer(
        self,
        operation: Operation,
        channels: usize,
        [weight, bias]: [DispatchTensor; 2],
    ) -> Self {
        let inputs = vec![self.tensor.into_dispatch(), weight, bias];
        Self {
            tensor: run(operation, inputs),
            channels,
        }
    }

    fn map(self, operation: Operation) -> Self {
        Self {
            tensor: run(operation, vec![self.tensor.into_dispatch()]),
            channels: self.channels,
        }
    }
}
