//! Settings of the server: what there is, what it may be, and where it comes from.

mod range;
mod resolve;
mod values;

pub(crate) use resolve::resolve;
pub(crate) use values::LARGEST_BATCH;
pub use values::Settings;
