//! From a frame to its mask: who waits, who is refused, what a device computes.

pub(crate) mod model;
pub(crate) mod pipeline;
pub(crate) mod queue;
pub(crate) mod worker;
