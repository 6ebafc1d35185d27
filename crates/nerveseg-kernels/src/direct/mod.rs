//! Convolutions without a transform: any set of taps over a padded copy of the input.

mod forward;
mod gradient;
mod source;
mod tap;

pub(crate) use forward::DirectForward;
pub(crate) use gradient::DirectGradient;
pub(crate) use source::Source;
pub(crate) use tap::{Tap, TapSet, pack, square};
