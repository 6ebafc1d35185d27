//! A template as an answer.

use actix_web::HttpResponse;
use anyhow::Context as _;
use askama::Template;

use crate::error::WebError;

pub(super) fn html(page: &impl Template) -> Result<HttpResponse, WebError> {
    let page = page.render().context("cannot render a page");
    Ok(HttpResponse::Ok()
        .content_type("text/html; charset=utf-8")
        .body(page.map_err(WebError::Internal)?))
}
