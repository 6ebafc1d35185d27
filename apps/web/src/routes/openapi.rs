//! The `OpenAPI` document, put together from the handlers.

use std::sync::OnceLock;

use utoipa::OpenApi;

use crate::routes::{health, kserve, model, monitoring, segment};

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
        monitoring::openapi,
    )
)]
struct Document;

/// The document.
pub(crate) fn document() -> utoipa::openapi::OpenApi {
    Document::openapi()
}

/// The document as JSON.
pub(crate) fn json() -> &'static str {
    static JSON: OnceLock<String> = OnceLock::new();
    JSON.get_or_init(|| document().to_json().expect("a document is plain data"))
}
