//! From the gradient of a layer's output to those of its inputs.

use nerveseg_kernels::{
    Algorithm, Convolution, Finish, MapsMut, PointwiseConvolution, StridedConvolution,
    TransposedKernel,
};

use super::inputs::{
    affine, convolution_inputs, head, pointwise_inputs, statistics, transposed_inputs,
};
use super::{FITS, Made, Operation, View};
use crate::engine::engine;

impl Operation {
    /// The gradients of the inputs that are `wanted`, from that of the output.
    pub(crate) fn backward(
        &self,
        inputs: &[View<'_>],
        gradient: &View<'_>,
        wanted: &[bool],
    ) -> Vec<Option<Made>> {
        let engine = engine();
        let x = &inputs[0];
        let mut made: Vec<Option<Made>> = inputs.iter().map(|_| None).collect();
        match self {
            Self::Unblock { channels } => {
                let size = x.size();
                let mut back = x.like();
                engine
                    .block(gradient.values, back.maps(*channels), size)
                    .expect(FITS);
                made[0] = Some(back);
            }
            Self::Image => {
                let weights = &inputs[1];
                let mut of_weights = weights.like();
                engine
                    .image_weights_gradient(
                        x.values,
                        weights.shape[1],
                        gradient.maps(weights.shape[0]),
                        &mut of_weights.values,
                        x.size(),
                    )
                    .expect(FITS);
                made[1] = Some(of_weights);
            }
            Self::Convolve { parts } => {
                convolve_backward(parts, inputs, gradient, wanted, &mut made);
            }
            Self::Pointwise => pointwise_backward(inputs, gradient, &mut made),
            Self::Transposed { kernel } => {
                transposed_backward(*kernel, inputs, gradient, &mut made);
            }
            Self::Statistics { .. } => {}
            Self::NormRelu { epsilon } => {
                let channels = inputs[1].values.len();
                let mut back = x.like();
                let [gamma, beta] = engine
                    .normalise_backward(
                        x.maps(channels),
                        gradient.maps(channels),
                        &statistics(&inputs[3]),
                        affine(inputs, *epsilon),
                        back.maps(channels),
                        x.size(),
                    )
                    .expect(FITS);
                made[0] = Some(back);
                made[1] = Some(Made::of(gamma, &inputs[1]));
                made[2] = Some(Made::of(beta, &inputs[2]));
            }
            Self::Pool { channels } => {
                let mut back = x.like();
                engine
                    .pool_backward(
                        x.maps(*channels),
                        gradient.maps(*channels),
                        back.maps(*channels),
                        x.size(),
                    )
                    .expect(FITS);
                made[0] = Some(back);
            }
            Self::Upsample { channels } => {
                let mut back = x.like();
                engine
                    .upsample_backward(gradient.maps(*channels), back.maps(*channels), x.size())
                    .expect(FITS);
                made[0] = Some(back);
            }
            Self::Head => {
                let (head, channels, _) = head(inputs);
                let mut back = x.like();
                let [of_weights, of_bias] = engine
                    .head_backward(
                        &head,
                        x.maps(channels),
                        gradient.values,
                        back.maps(channels),
                        x.size(),
                    )
                    .expect(FITS);
                made[0] = Some(back);
                made[1] = Some(Made::of(of_weights, &inputs[1]));
                made[2] = Some(Made::of(of_bias, &inputs[2]));
            }
        }
        made
    }
}

fn convolve_backward(
    parts: &[usize],
    inputs: &[View<'_>],
    gradient: &View<'_>,
    wanted: &[bool],
    made: &mut [Option<Made>],
) {
    let (engine, x) = (engine(), &inputs[0]);
    let (maps, weights, _) = convolution_inputs(inputs, parts);
    let (outputs, size) = (weights.shape[0], x.size());
    let gradient = gradient.maps(outputs);
    if wanted[..parts.len()].contains(&true) {
        let shape = (parts, outputs);
        let conv =
            Convolution::adjoint(engine, shape, weights.values, size, Algorithm::Auto).expect(FITS);
        let mut backs: Vec<Made> = inputs[..parts.len()].iter().map(View::like).collect();
        let mut to: Vec<MapsMut<'_>> = backs
            .iter_mut()
            .zip(parts)
            .map(|(back, &channels)| back.maps(channels))
            .collect();
        engine
            .convolve(&conv, &[gradient], &mut to, Finish::default())
            .expect(FITS);
        for (slot, back) in made.iter_mut().zip(backs) {
            *slot = Some(back);
        }
    }
    let mut of_weights = weights.like();
    engine
        .convolution_weights_gradient(
            &maps,
            gradient,
            &mut of_weights.values,
            size,
            Algorithm::Auto,
        )
        .expect(FITS);
    made[parts.len()] = Some(of_weights);
}

fn pointwise_backward(inputs: &[View<'_>], gradient: &View<'_>, made: &mut [Option<Made>]) {
    let (engine, x) = (engine(), &inputs[0]);
    let (channels, weights, _) = pointwise_inputs(inputs);
    let (input, size) = (x.maps(channels[0]), x.size());
    let gradient = gradient.maps(channels[1]);
    let conv = PointwiseConvolution::adjoint(engine, channels, weights).expect(FITS);
    let (mut back, mut of_weights) = (x.like(), inputs[1].like());
    engine
        .convolve_pointwise(&conv, gradient, back.maps(channels[0]), size)
        .expect(FITS);
    engine
        .pointwise_weights_gradient(input, gradient, &mut of_weights.values, size)
        .expect(FITS);
    let of_bias = engine.channel_sums(gradient, size).expect(FITS);
    made[0] = Some(back);
    made[1] = Some(of_weights);
    made[2] = Some(Made::of(of_bias, &inputs[2]));
}

fn transposed_backward(
    kernel: TransposedKernel,
    inputs: &[View<'_>],
    gradient: &View<'_>,
    made: &mut [Option<Made>],
) {
    let (engine, x) = (engine(), &inputs[0]);
    let (channels, weights, _) = transposed_inputs(inputs);
    let (input, size) = (x.maps(channels[0]), x.size());
    let gradient = gradient.maps(channels[1]);
    let conv = StridedConvolution::adjoint(engine, kernel, channels, weights).expect(FITS);
    let (mut back, mut of_weights) = (x.like(), inputs[1].like());
    engine
        .convolve_strided(&conv, gradient, back.maps(channels[0]), size)
        .expect(FITS);
    engine
        .transposed_weights_gradient(kernel, input, gradient, &mut of_weights.values, size)
        .expect(FITS);
    let of_bias = engine.channel_sums(gradient, size.doubled()).expect(FITS);
    made[0] = Some(back);
    made[1] = Some(of_weights);
    made[2] = Some(Made::of(of_bias, &inputs[2]));
}
