//! What is sent back: JSON, pictures, and why a request was refused.

mod accept;
mod caption;
mod json;
mod picture;
mod problem;

pub(crate) use accept::Form;
pub(crate) use caption::Caption;
pub(crate) use json::{Answer, Include, ModelName};
pub(crate) use picture::{data_url, grey_png, overlay_png};
pub(crate) use problem::{Problem, Reader};
