//! From a layer's inputs to its output.

use nerveseg_kernels::{
    Algorithm, Convolution, Finish, ImageConvolution, PointwiseConvolution, TransposedConvolution,
};

use super::inputs::{
    affine, convolution_inputs, head, pointwise_inputs, statistics, transposed_inputs,
};
use super::{FITS, Made, Operation, View};
use crate::engine::engine;

impl Operation {
    /// The layer's output.
    pub(crate) fn forward(&self, inputs: &[View<'_>]) -> Made {
        let engine = engine();
        let x = &inputs[0];
        let size = x.size();
        match self {
            Self::Unblock { channels } => {
                let mut y = Made::plain(*channels, size);
                engine
                    .unblock(x.maps(*channels), &mut y.values, size)
                    .expect(FITS);
                y
            }
            Self::Image => {
                let [weights, bias] = [&inputs[1], &inputs[2]];
                let channels = [weights.shape[1], weights.shape[0]];
                let (weights, bias) = (weights.values, Some(bias.values));
                let conv = ImageConvolution::new(engine, channels, weights, bias).expect(FITS);
                let mut y = Made::blocked(channels[1], size);
                engine
                    .convolve_image(&conv, x.values, y.maps(channels[1]), size)
                    .expect(FITS);
                y
            }
            Self::Convolve { parts } => convolve(parts, inputs),
            Self::Pointwise => {
                let (channels, weights, bias) = pointwise_inputs(inputs);
                let conv = PointwiseConvolution::new(engine, channels, weights, Some(bias));
                let mut y = Made::blocked(channels[1], size);
                let (from, to) = (x.maps(channels[0]), y.maps(channels[1]));
                engine
                    .convolve_pointwise(&conv.expect(FITS), from, to, size)
                    .expect(FITS);
                y
            }
            Self::Transposed { kernel } => {
                let (channels, weights, bias) = transposed_inputs(inputs);
                let conv =
                    TransposedConvolution::new(engine, *kernel, channels, weights, Some(bias));
                let mut y = Made::blocked(channels[1], size.doubled());
                let (from, to) = (x.maps(channels[0]), y.maps(channels[1]));
                engine
                    .convolve_transposed(&conv.expect(FITS), from, to, size)
                    .expect(FITS);
                y
            }
            Self::Statistics { channels } => {
                let found = engine.statistics(x.maps(*channels), size).expect(FITS);
                Made {
                    values: [found.mean, found.variance].concat(),
                    shape: vec![2, *channels],
                }
            }
            Self::NormRelu { epsilon } => norm_relu(*epsilon, inputs),
            Self::Pool { channels } => {
                let mut y = Made::blocked(*channels, size.halved());
                engine
                    .pool(x.maps(*channels), y.maps(*channels), size)
                    .expect(FITS);
                y
            }
            Self::Upsample { channels } => {
                let mut y = Made::blocked(*channels, size.doubled());
                engine
                    .upsample(x.maps(*channels), y.maps(*channels), size)
                    .expect(FITS);
                y
            }
            Self::Head => {
                let (head, channels, outputs) = head(inputs);
                let mut y = Made::plain(outputs, size);
                engine
                    .head(&head, x.maps(channels), &mut y.values, size)
                    .expect(FITS);
                y
            }
        }
    }
}

fn convolve(parts: &[usize], inputs: &[View<'_>]) -> Made {
    let (engine, size) = (engine(), inputs[0].size());
    let (maps, weights, bias) = convolution_inputs(inputs, parts);
    let outputs = weights.shape[0];
    let conv = Convolution::new(
        engine,
        (parts, outputs),
        weights.values,
        Some(bias.values),
        size,
        Algorithm::Auto,
    )
    .expect(FITS);
    let mut y = Made::blocked(outputs, size);
    engine
        .convolve(&conv, &maps, &mut [y.maps(outputs)], Finish::default())
        .expect(FITS);
    y
}

fn norm_relu(epsilon: f32, inputs: &[View<'_>]) -> Made {
    let (engine, x) = (engine(), &inputs[0]);
    let channels = inputs[1].values.len();
    let mut y = x.like();
    engine
        .normalise(
            x.maps(channels),
            &statistics(&inputs[3]),
            affine(inputs, epsilon),
            y.maps(channels),
            x.size(),
        )
        .expect(FITS);
    y
}
