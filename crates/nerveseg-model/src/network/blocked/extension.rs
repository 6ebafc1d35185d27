//! The layers as an operation of Burn's CPU backends.

use burn::backend::backend_extension;
use burn::backend::tensor::FloatTensor;
use burn::backend::{Backend, TensorMetadata as _};
use burn::tensor::TensorData;

use super::host::Host;
use super::operation::{Made, Operation, View};

/// Layers that run on our kernels, by their number of inputs.
#[backend_extension(
    Autodiff: cfg(feature = "autodiff"),
    Flex: cfg(feature = "flex"),
    NdArray: cfg(feature = "ndarray")
)]
pub(super) trait UNetOps: Backend {
    /// Runs a layer of one input.
    fn unet_layer1(layer: Operation, a: FloatTensor<Self>) -> FloatTensor<Self>;

    /// Runs a layer of three inputs.
    fn unet_layer3(
        layer: Operation,
        a: FloatTensor<Self>,
        b: FloatTensor<Self>,
        c: FloatTensor<Self>,
    ) -> FloatTensor<Self>;

    /// Runs a layer of four inputs.
    fn unet_layer4(
        layer: Operation,
        a: FloatTensor<Self>,
        b: FloatTensor<Self>,
        c: FloatTensor<Self>,
        d: FloatTensor<Self>,
    ) -> FloatTensor<Self>;
}

/// Implements the layers for a backend by a function of all inputs.
macro_rules! layers {
    ([$($generics:tt)*] $backend:ty, $run:path) => {
        impl<$($generics)*> UNetOps for $backend {
            fn unet_layer1(layer: Operation, a: FloatTensor<Self>) -> FloatTensor<Self> {
                $run(layer, [a])
            }

            fn unet_layer3(
                layer: Operation,
                a: FloatTensor<Self>,
                b: FloatTensor<Self>,
                c: FloatTensor<Self>,
            ) -> FloatTensor<Self> {
                $run(layer, [a, b, c])
            }

            fn unet_layer4(
                layer: Operation,
                a: FloatTensor<Self>,
                b: FloatTensor<Self>,
                c: FloatTensor<Self>,
                d: FloatTensor<Self>,
            ) -> FloatTensor<Self> {
                $run(layer, [a, b, c, d])
            }
        }
    };
}

#[cfg(feature = "flex")]
layers!([] burn::backend::Flex, forward::<Self, _>);
#[cfg(feature = "ndarray")]
layers!([] burn::backend::NdArray, forward::<Self, _>);

#[expect(
    clippy::needless_pass_by_value,
    reason = "the signature that every implementation has"
)]
fn forward<B: Host, const N: usize>(
    layer: Operation,
    inputs: [FloatTensor<B>; N],
) -> FloatTensor<B> {
    with_views::<B, _>(&inputs, |views| tensor::<B>(layer.forward(views)))
}

fn tensor<B: Host>(made: Made) -> FloatTensor<B> {
    B::tensor(TensorData::new(made.values, made.shape))
}

/// Looks at tensors as slices.
fn with_views<B: Host, T>(tensors: &[FloatTensor<B>], f: impl FnOnce(&[View<'_>]) -> T) -> T {
    let values: Vec<_> = tensors.iter().map(B::values).collect();
    let shapes: Vec<_> = tensors.iter().map(FloatTensor::<B>::shape).collect();
    let views: Vec<View<'_>> = values
        .iter()
        .zip(&shapes)
        .map(|(values, shape)| View {
            values,
            shape: shape.as_slice(),
        })
        .collect();
    f(&views)
}

#[cfg(feature = "autodiff")]
mod autodiff {
    use burn::backend::autodiff::checkpoint::base::Checkpointer;
    use burn::backend::autodiff::checkpoint::strategy::CheckpointStrategy;
    use burn::backend::autodiff::grads::Gradients;
    use burn::backend::autodiff::ops::{Backward, Ops, OpsKind};
    use burn::backend::tensor::FloatTensor;
    use burn::backend::{Autodiff, Backend};

    use super::super::recycle;
    use super::{Host, Operation, UNetOps, forward, tensor, with_views};

    /// The way back through one layer of `N` inputs.
    #[derive(Debug)]
    struct Layer;

    /// A layer and its inputs.
    #[derive(Clone, Debug)]
    struct Saved<B: Backend> {
        operation: Operation,
        inputs: Vec<FloatTensor<B>>,
    }

    impl<B: Host, const N: usize> Backward<B, N> for Layer {
        type State = Saved<B>;

        fn backward(
            self,
            ops: Ops<Self::State, N>,
            grads: &mut Gradients,
            _checkpointer: &mut Checkpointer,
        ) {
            let gradient = grads.consume::<B>(&ops.node);
            let wanted = ops.parents.each_ref().map(Option::is_some);
            let Saved { operation, inputs } = ops.state;
            let gradient = [gradient];
            let made = with_views::<B, _>(&gradient, |gradient| {
                with_views::<B, _>(&inputs, |inputs| {
                    operation.backward(inputs, &gradient[0], &wanted)
                })
            });
            for done in inputs.into_iter().chain(gradient) {
                if let Some(values) = B::reclaim(done) {
                    recycle::give_back(values);
                }
            }
            for (parent, made) in ops.parents.into_iter().zip(made) {
                if let (Some(parent), Some(made)) = (parent, made) {
                    grads.register::<B>(parent.id, tensor::<B>(made));
                }
            }
        }
    }

    layers!([B: Host, C: CheckpointStrategy] Autodiff<B, C>, track::<B, C, _>);

    fn track<B: Host, C: CheckpointStrategy, const N: usize>(
        operation: Operation,
        inputs: [FloatTensor<Autodiff<B, C>>; N],
    ) -> FloatTensor<Autodiff<B, C>> {
        let nodes = inputs.each_ref().map(FloatTensor::<Autodiff<B, C>>::node);
        let inputs = inputs.map(FloatTensor::<Autodiff<B, C>>::into_primitive);
        match Layer.prepare::<C>(nodes).compute_bound().stateful() {
            OpsKind::Tracked(prep) => {
                let output = forward::<B, N>(operation.clone(), inputs.clone());
                let inputs = inputs.into();
                prep.finish(Saved { operation, inputs }, output)
            }
            OpsKind::UnTracked(prep) => prep.finish(forward::<B, N>(operation, inputs)),
        }
    }
}
