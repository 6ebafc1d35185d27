//! What Prometheus reads.

use actix_web::{HttpResponse, web};

use crate::inference::Infer;
use crate::ops::health::Health;
use crate::ops::metrics::Metrics;

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
pub(crate) async fn metrics(
    metrics: web::Data<Metrics>,
    health: web::Data<Health>,
    infer: web::Data<Infer>,
) -> HttpResponse {
    let ready = health.ready().is_ok();
    HttpResponse::Ok()
        .content_type("text/plain; version=0.0.4; charset=utf-8")
        .body(metrics.text(infer.depth(), ready))
}
