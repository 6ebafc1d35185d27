//! What is sent back: JSON, pictures, and why a request was refused.

pub(crate) mod json;
pub(crate) mod picture;
pub(crate) mod problem;
