//! The pages.

mod api;
mod html;
mod index;
mod markdown;
mod model;

pub(super) use api::api;
pub(super) use index::{index, result};
pub(super) use model::model;
