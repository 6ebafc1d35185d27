//! What machines read about the server itself.

use actix_web::{HttpResponse, web};

use crate::app::App;
use crate::routes::openapi;

/// Metrics for Prometheus
///
/// Requests, what waits, sizes of batches, and how long the stages take.
#[utoipa::path(
    get,
    path = "/metrics",
    tag = "operation",
    responses((status = 200, description = "Text format of Prometheus.", body = String,
        content_type = "text/plain"))
)]
pub(crate) async fn metrics(app: web::Data<App>) -> HttpResponse {
    let ready = app.health.ready().is_ok();
    HttpResponse::Ok()
        .content_type("text/plain; version=0.0.4; charset=utf-8")
        .body(app.metrics.text(app.queue.depth(), ready))
}

/// This document
#[utoipa::path(
    get,
    path = "/api/openapi.json",
    tag = "operation",
    responses((status = 200, description = "OpenAPI 3.1.", body = Object,
        content_type = "application/json"))
)]
pub(crate) async fn openapi() -> HttpResponse {
    HttpResponse::Ok()
        .content_type("application/json")
        .body(openapi::json())
}
