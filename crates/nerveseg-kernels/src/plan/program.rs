//! The steps of a plan.

use super::storage::{MapsAt, Slot, Slots, Storage};
use crate::convolution::Convolution;
use crate::head::Head;
use crate::image::ImageConvolution;
use crate::pointwise::PointwiseConvolution;
use crate::size::Size;
use crate::transposed::TransposedConvolution;

/// Steps one after the other, with their packed weights, and the arena they work in.
#[derive(Debug)]
pub(super) struct Program {
    /// Of the images, padded, with the largest batch.
    pub(super) padded: Size,
    pub(super) steps: Vec<Step>,
    pub(super) storage: Storage,
    pub(super) slots: Slots,
}

/// What is done at one point of the network.
#[derive(Debug)]
pub(super) enum Step {
    /// 3×3 over the images, and ReLU.
    Image {
        conv: ImageConvolution,
        output: Slot,
    },
    /// 3×3 and ReLU, perhaps with pooling.
    Convolve {
        conv: Convolution,
        input: MapsAt,
        output: Slot,
        pooled: Option<Slot>,
    },
    Pointwise {
        conv: PointwiseConvolution,
        input: MapsAt,
        output: Slot,
    },
    Transposed {
        conv: TransposedConvolution,
        input: MapsAt,
        output: Slot,
    },
    /// Bilinear, by two.
    Upsample { input: MapsAt, output: Slot },
    /// The head of presence.
    Presence { head: Head, input: MapsAt },
    /// The last layer, to probabilities.
    Head { head: Head, input: MapsAt },
}
