//! What one layer computes, forward and backward, on slices.

#[cfg(feature = "autodiff")]
mod backward;
mod forward;
mod inputs;
mod view;

use nerveseg_kernels::TransposedKernel;

pub(super) use view::{Made, View};

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

/// Every length comes from the shapes of tensors that the network made itself.
const FITS: &str = "shapes of one network fit together";
