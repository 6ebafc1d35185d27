//! Cases at the network's size, and the batches made of them.

pub(crate) mod batch;
pub(crate) mod sample;
