//! Masks: regions, outlines, and run lengths.

mod components;
mod outline;
pub mod rle;
pub(crate) mod runs;

use ndarray::Array2;

pub use components::{Component, Components};
pub use outline::{Polygon, outlines};

/// Binary mask, `true` where the nerve is. Shape: `[height, width]`, index `[row, column]`.
pub type Mask = Array2<bool>;
