//! What one layer computes, forward and backward, on slices.

use nerveseg_kernels::{
    Affine, Algorithm, Convolution, Finish, Head, Maps, MapsMut, Size, Statistics, TapConvolution,
    TapKind,
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
    /// Maps, weights, bias → maps.
    Taps { kind: TapKind },
    /// Maps → `[2, channels]`: mean and variance. It has no gradient.
    Statistics { channels: usize },
    /// Maps, gamma, beta, statistics → maps.
    NormRelu { epsilon: f32 },
    /// Maps → maps of half the size.
    Pool { channels: usize },
    /// Maps → maps of twice the size.
    Enlarge { channels: usize },
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
                let conv = tap(TapKind::Image, channels, weights, bias);
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
            Self::Taps { kind } => {
                let (weights, bias) = (&inputs[1], &inputs[2]);
                let channels = tap_channels(*kind, weights);
                let conv = tap(*kind, channels, weights, bias);
                let larger = if *kind == TapKind::Pointwise {
                    size
                } else {
                    size.doubled()
                };
                let mut y = Made::blocked(channels[1], larger);
                engine
                    .convolve_taps(&conv, x.maps(channels[0]), y.maps(channels[1]), size)
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
            Self::Enlarge { channels } => {
                let mut y = Made::blocked(*channels, size.doubled());
                engine
                    .enlarge(x.maps(*channels), y.maps(*channels), size)
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
            Self::Convolve { parts } => convolve_back(parts, inputs, gradient, wanted, &mut made),
            Self::Taps { kind } => taps_back(*kind, inputs, gradient, &mut made),
            Self::Statistics { .. } => {}
            Self::NormRelu { epsilon } => {
                let channels = inputs[1].values.len();
                let mut back = x.like();
                let [gamma, beta] = engine
                    .normalise_back(
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
                    .pool_back(
                        x.maps(*channels),
                        gradient.maps(*channels),
                        back.maps(*channels),
                        x.size(),
                    )
                    .expect(FITS);
                made[0] = Some(back);
            }
            Self::Enlarge { channels } => {
                let mut back = x.like();
                engine
                    .enlarge_back(gradient.maps(*channels), back.maps(*channels), x.size())
                    .expect(FITS);
                made[0] = Some(back);
            }
            Self::Head => {
                let (head, channels, _) = head(inputs);
                let mut back = x.like();
                let [of_weights, of_bias] = engine
                    .head_back(
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
fn convolve_back(
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
fn taps_back(kind: TapKind, inputs: &[View<'_>], gradient: &View<'_>, made: &mut [Option<Made>]) {
    let (engine, x) = (engine(), &inputs[0]);
    let (weights, size) = (&inputs[1], x.size());
    let channels = tap_channels(kind, weights);
    let gradient_size = gradient.size();
    let gradient = gradient.maps(channels[1]);
    let conv = TapConvolution::adjoint(engine, kind, channels, weights.values).expect(FITS);
    let mut back = x.like();
    engine
        .convolve_taps(&conv, gradient, back.maps(channels[0]), size)
        .expect(FITS);
    let mut of_weights = weights.like();
    engine
        .taps_weights_gradient(
            kind,
            x.maps(channels[0]),
            gradient,
            &mut of_weights.values,
            size,
        )
        .expect(FITS);
    let of_bias = engine.channel_sums(gradient, gradient_size).expect(FITS);
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

fn tap_channels(kind: TapKind, weights: &View<'_>) -> [usize; 2] {
    match kind {
        TapKind::Pointwise | TapKind::Image => [weights.shape[1], weights.shape[0]],
        TapKind::Transposed2x2 | TapKind::Transposed3x3 => [weights.shape[0], weights.shape[1]],
    }
}

fn tap(kind: TapKind, channels: [usize; 2], weights: &View<'_>, bias: &View<'_>) -> TapConvolution {
    TapConvolution::new(engine(), kind, channels, weights.values, Some(bias.values)).expect(FITS)
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
