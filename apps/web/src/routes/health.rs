//! Probes.

use actix_web::{HttpResponse, web};
use serde_json::json;

use crate::answer::Problem;
use crate::error::WebError;
use crate::ops::health::Health;

/// Whether the process lives
///
/// Always 200 while it can answer at all.
#[utoipa::path(
    get,
    path = "/health/live",
    tag = "operation",
    responses((status = 200, description = "It lives.", body = inline(Status)))
)]
pub(crate) async fn live() -> HttpResponse {
    HttpResponse::Ok().json(json!({"status": "live"}))
}

/// Whether requests are welcome
///
/// The model is loaded and has answered once, its device lives, and the server was not told to
/// stop.
#[utoipa::path(
    get,
    path = "/health/ready",
    tag = "operation",
    responses(
        (status = 200, description = "Requests are welcome.", body = inline(Status)),
        (status = 503, description = "Not now; the detail says why.", body = Problem,
            content_type = "application/problem+json"),
    )
)]
pub(crate) async fn ready(health: web::Data<Health>) -> Result<HttpResponse, WebError> {
    health.ready().map_err(WebError::NotReady)?;
    Ok(HttpResponse::Ok().json(json!({"status": "ready"})))
}

/// State of a probe.
#[derive(utoipa::ToSchema)]
#[expect(dead_code, reason = "it describes what is written by hand")]
struct Status {
    /// `live` or `ready`.
    status: String,
}
