//! What is sent back: JSON, pictures, and why a request was refused.

mod json;
mod picture;
mod problem;

pub(crate) use json::{Answer, Include, ModelName};
pub(crate) use picture::{data_url, grey_png, overlay_png};
pub(crate) use problem::{Problem, Reader};
