//! Batch normalisation with ReLU, forward and backward (Ioffe & Szegedy, 2015, arXiv:1502.03167).

mod forward;
mod gradient;
mod statistics;

pub use forward::Affine;
pub use statistics::Statistics;
