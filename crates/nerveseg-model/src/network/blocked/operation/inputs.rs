//! The inputs of a layer, told apart.

use nerveseg_kernels::{Affine, Head, Maps, Statistics};

use super::{FITS, View};
use crate::engine::engine;

/// Maps, weights, bias.
pub(super) fn convolution_inputs<'a>(
    inputs: &'a [View<'a>],
    parts: &[usize],
) -> (Vec<Maps<'a>>, &'a View<'a>, &'a View<'a>) {
    let (maps, rest) = inputs.split_at(parts.len());
    let maps = maps
        .iter()
        .zip(parts)
        .map(|(view, &channels)| view.maps(channels));
    (maps.collect(), &rest[0], &rest[1])
}

/// Channels of input and output, weights `[outputs, inputs, 1, 1]`, bias.
pub(super) fn pointwise_inputs<'a>(inputs: &[View<'a>]) -> ([usize; 2], &'a [f32], &'a [f32]) {
    let shape = inputs[1].shape;
    ([shape[1], shape[0]], inputs[1].values, inputs[2].values)
}

/// Channels of input and output, weights `[inputs, outputs, k, k]`, bias.
pub(super) fn transposed_inputs<'a>(inputs: &[View<'a>]) -> ([usize; 2], &'a [f32], &'a [f32]) {
    let shape = inputs[1].shape;
    ([shape[0], shape[1]], inputs[1].values, inputs[2].values)
}

pub(super) fn statistics(view: &View<'_>) -> Statistics {
    let (mean, variance) = view.values.split_at(view.values.len() / 2);
    Statistics {
        mean: mean.to_vec(),
        variance: variance.to_vec(),
    }
}

pub(super) fn affine<'a>(inputs: &'a [View<'a>], epsilon: f32) -> Affine<'a> {
    Affine {
        gamma: inputs[1].values,
        beta: inputs[2].values,
        epsilon,
    }
}

pub(super) fn head(inputs: &[View<'_>]) -> (Head, usize, usize) {
    let (weights, bias) = (&inputs[1], &inputs[2]);
    let channels = weights.shape[1];
    let head = Head::new(engine(), channels, weights.values, bias.values).expect(FITS);
    (head, channels, weights.shape[0])
}
