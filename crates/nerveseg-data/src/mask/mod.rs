//! Masks: regions, outlines, and run lengths.

mod components;
mod label;
mod outline;
pub mod rle;
mod runs;

use ndarray::Array2;

pub use components::{Component, Components};
pub use outline::{Polygon, outlines, rings};
pub(crate) use runs::RowRuns;

/// Binary mask, `true` where the nerve is. Shape: `[height, width]`, index `[row, column]`.
pub type Mask = Array2<bool>;
