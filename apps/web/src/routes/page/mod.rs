//! The pages.

mod api;
mod index;
mod markdown;
mod model;

pub(crate) use api::api;
pub(crate) use index::{index, result};
pub(crate) use model::model;

use actix_web::HttpResponse;
use anyhow::Context as _;
use askama::Template;

use crate::error::WebError;

fn html(page: &impl Template) -> Result<HttpResponse, WebError> {
    let page = page.render().context("cannot render a page");
    Ok(HttpResponse::Ok()
        .content_type("text/html; charset=utf-8")
        .body(page.map_err(WebError::Internal)?))
}
