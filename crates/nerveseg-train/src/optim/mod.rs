//! How weights move: Adam, the average of its steps, and the learning rate over time.

pub(crate) mod adam;
pub(crate) mod average;
pub(crate) mod schedule;
