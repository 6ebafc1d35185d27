//! The `OpenAPI` document, put together from the handlers.

use std::sync::OnceLock;

use actix_web::HttpResponse;
use utoipa::OpenApi;

use super::{health, kserve, model, monitoring, segment};

#[derive(OpenApi)]
#[openapi(
    info(
        title = "nerveseg",
        description = "Finds the brachial plexus in an ultrasound frame. \
            Research use only, not for clinical use.",
    ),
    paths(
        segment::segment,
        model::model,
        kserve::server,
        kserve::live,
        kserve::ready,
        kserve::model,
        kserve::model_ready,
        kserve::infer,
        health::live,
        health::ready,
        monitoring::metrics,
        openapi,
    )
)]
struct Document;

/// The document.
pub(crate) fn document() -> utoipa::openapi::OpenApi {
    Document::openapi()
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
    static JSON: OnceLock<String> = OnceLock::new();
    let json = JSON.get_or_init(|| document().to_json().expect("a document is plain data"));
    HttpResponse::Ok()
        .content_type("application/json")
        .body(json.as_str())
}
