//! What one layer computes, forward and backward, on slices.

#[cfg(feature = "autodiff")]
use nerveseg_kernels::StridedConvolution;
use nerveseg_kernels::{
    Affine, Algorithm, Convolution, Finish, Head, ImageConvolution, Maps, MapsMut,
    PointwiseConvolution, Size, Statistics, TransposedConvolution, TransposedKernel,
};

use super::recycle;
use crate::engine::engine;

/// A layer. Blocked maps are `[batch, blocks, height, width, lanes]`.
#[derive(Clone, Debug)]
pub(crate) enum Operation {
    /// Blocked maps of so many channels to plain ones.
    Unblock { channels: usize },
    /// Image, weights, bias → maps.
    Image,
    /// One or two sets of maps (`parts` channels each), weights, bias → maps.
    ///
    /// The bias gets no gradient: batch normalisation follows and takes every bias away.
    Convolve { parts: Vec<usize> },
    /// Maps, weights of a 1×1 convolution, bias → maps.
    Pointwise,
    /// Maps, weights of a transposed convolution, bias → maps of twice the size.
    Transposed { kernel: TransposedKernel },
    /// Maps → `[2, channels]`: mean and variance. It has no gradient.
    Statistics { channels: usize },
    /// Maps, gamma, beta, statistics → maps.
    NormRelu { epsilon: f32 },
    /// Maps → maps of half the size.
    Pool { channels: usize },
    /// Maps → maps of twice the size.
    Upsample { channels: usize },
    /// Maps, weights, bias → plain logits.
    Head,
}

/// A tensor's values and shape.
#[derive(Clone, Copy, Debug)]
pub(crate) struct View<'a> {
    pub(crate) values: &'a [f32],
    pub(crate) shape: &'a [usize],
}

/// A tensor to be.
#[derive(Debug)]
pub(crate) struct Made {
    pub(crate) values: Vec<f32>,
    pub(crate) shape: Vec<usize>,
}

impl View<'_> {
    /// Size of plain or blocked maps.
    fn size(&self) -> Size {
        Size {
            batch: self.shape[0],
            height: self.shape[2],
            width: self.shape[3],
        }
    }

    fn maps(&self, channels: usize) -> Maps<'_> {
        Maps {
            data: self.values,
            channels,
        }
    }

    /// A tensor of this one's shape.
    fn like(&self) -> Made {
        Made {
            values: recycle::take(self.values.len()),
            shape: self.shape.to_vec(),
        }
    }
}

impl Made {
    fn blocked(channels: usize, size: Size) -> Self {
        let isa = engine().isa();
        Self {
            values: recycle::take(size.blocked_len(channels, isa)),
            shape: vec![
                size.batch,
                channels.div_ceil(isa.lanes()),
                size.height,
                size.width,
                isa.lanes(),
            ],
        }
    }

    fn plain(channels: usize, size: Size) -> Self {
        Self {
            values: vec![0.0; size.batch * channels * size.pixels()],
            shape: vec![size.batch, channels, size.height, size.width],
        }
    }

    #[cfg(feature = "autodiff")]
    fn of(values: Vec<f32>, like: &View<'_>) -> Self {
        Self {
            values,
            shape: like.shape.to_vec(),
        }
    }

    fn maps(&mut self, channels: usize) -> MapsMut<'_> {
        MapsMut {
            data: &mut self.values,
            channels,
        }
    }
}

/// Every length below comes from the shapes of tensors that the network made itself.
const FITS: &str = "shapes of one network fit together";

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
            Self::Convolve { parts } => {
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
            Self::NormRelu { epsilon } => {
                let channels = inputs[1].values.len();
                let mut y = x.like();
                engine
                    .normalise(
                        x.maps(channels),
                        &statistics(&inputs[3]),
                        affine(inputs, *epsilon),
                        y.maps(channels),
                        size,
                    )
                    .expect(FITS);
                y
            }
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

    /// The gradients of the inputs that are `wanted`, from that of the output.
    #[cfg(feature = "autodiff")]
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
                convolve_backward(parts, inputs, gradient, wanted, &mut made)
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

#[cfg(feature = "autodiff")]
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

#[cfg(feature = "autodiff")]
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

#[cfg(feature = "autodiff")]
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

fn convolution_inputs<'a>(
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
fn pointwise_inputs<'a>(inputs: &[View<'a>]) -> ([usize; 2], &'a [f32], &'a [f32]) {
    let shape = inputs[1].shape;
    ([shape[1], shape[0]], inputs[1].values, inputs[2].values)
}

/// Channels of input and output, weights `[inputs, outputs, k, k]`, bias.
fn transposed_inputs<'a>(inputs: &[View<'a>]) -> ([usize; 2], &'a [f32], &'a [f32]) {
    let shape = inputs[1].shape;
    ([shape[0], shape[1]], inputs[1].values, inputs[2].values)
}

fn statistics(view: &View<'_>) -> Statistics {
    let (mean, variance) = view.values.split_at(view.values.len() / 2);
    Statistics {
        mean: mean.to_vec(),
        variance: variance.to_vec(),
    }
}

fn affine<'a>(inputs: &'a [View<'a>], epsilon: f32) -> Affine<'a> {
    Affine {
        gamma: inputs[1].values,
        beta: inputs[2].values,
        epsilon,
    }
}

fn head(inputs: &[View<'_>]) -> (Head, usize, usize) {
    let (weights, bias) = (&inputs[1], &inputs[2]);
    let channels = weights.shape[1];
    let head = Head::new(engine(), channels, weights.values, bias.values).expect(FITS);
    (head, channels, weights.shape[0])
}
