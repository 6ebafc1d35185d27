//! From a frame to its mask: who waits, who is refused, what a device computes.

mod found;
mod infer;
mod model;
mod queue;
mod worker;

pub(crate) use found::{Found, Options, Times};
pub(crate) use infer::Infer;
pub(crate) use model::Model;
