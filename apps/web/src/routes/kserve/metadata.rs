//! What is there, and whether it is ready.

use actix_web::HttpResponse;
use actix_web::web::{Data, Path};
use serde::Serialize;
use serde_json::json;
use utoipa::ToSchema;

use super::wanted::Wanted;
use crate::answer::Problem;
use crate::error::WebError;
use crate::inference::Infer;
use crate::ops::health::Health;

/// A server that speaks the protocol.
#[derive(Serialize, ToSchema)]
pub(crate) struct ServerMetadata {
    /// Name of the program.
    name: &'static str,
    /// Its version.
    version: &'static str,
    /// What it can do beyond the protocol.
    extensions: [&'static str; 1],
}

/// A model and its tensors.
#[derive(Serialize, ToSchema)]
pub(crate) struct ModelMetadata {
    /// Its name.
    name: String,
    /// The one version that serves.
    versions: [String; 1],
    /// What it is made for.
    platform: &'static str,
    /// What goes in.
    inputs: [TensorMetadata; 1],
    /// What comes out.
    outputs: [TensorMetadata; 3],
}

/// A tensor; -1 is any length.
#[derive(Serialize, ToSchema)]
struct TensorMetadata {
    name: &'static str,
    datatype: &'static str,
    shape: Vec<i64>,
}

/// The server
#[utoipa::path(
    get,
    path = "/v2",
    operation_id = "kserve_server",
    tag = "Open Inference Protocol v2",
    responses((status = 200, description = "The server.", body = ServerMetadata))
)]
pub(crate) async fn server() -> HttpResponse {
    HttpResponse::Ok().json(ServerMetadata {
        name: "nerveseg-web",
        version: env!("CARGO_PKG_VERSION"),
        extensions: ["binary_tensor_data"],
    })
}

/// Whether the server lives
#[utoipa::path(
    get,
    path = "/v2/health/live",
    operation_id = "kserve_live",
    tag = "Open Inference Protocol v2",
    responses((status = 200, description = "It lives."))
)]
pub(crate) async fn live() -> HttpResponse {
    HttpResponse::Ok().json(json!({"live": true}))
}

/// Whether requests are welcome
#[utoipa::path(
    get,
    path = "/v2/health/ready",
    operation_id = "kserve_ready",
    tag = "Open Inference Protocol v2",
    responses(
        (status = 200, description = "Requests are welcome."),
        (status = 503, description = "Not now.", body = Problem,
            content_type = "application/problem+json"),
    )
)]
pub(crate) async fn ready(health: Data<Health>) -> Result<HttpResponse, WebError> {
    health.ready().map_err(WebError::NotReady)?;
    Ok(HttpResponse::Ok().json(json!({"ready": true})))
}

/// The model and its tensors
#[utoipa::path(
    get,
    path = "/v2/models/{name}",
    operation_id = "kserve_model",
    tag = "Open Inference Protocol v2",
    params(("name" = String, Path, description = "Name of the model.")),
    responses(
        (status = 200, description = "The model.", body = ModelMetadata),
        (status = 404, description = "Another model.", body = Problem,
            content_type = "application/problem+json"),
    )
)]
pub(crate) async fn model(
    infer: Data<Infer>,
    wanted: Path<Wanted>,
) -> Result<HttpResponse, WebError> {
    let model = infer.model();
    wanted.check(&model)?;
    let tensor = |name, datatype, shape: &[i64]| TensorMetadata {
        name,
        datatype,
        shape: shape.to_vec(),
    };
    Ok(HttpResponse::Ok().json(ModelMetadata {
        name: model.name.clone(),
        versions: [model.version().to_owned()],
        platform: "nerveseg",
        inputs: [tensor("image", "UINT8", &[-1, -1])],
        outputs: [
            tensor("mask", "UINT8", &[-1, -1]),
            tensor("probabilities", "FP32", &[-1, -1]),
            tensor("presence", "FP32", &[1]),
        ],
    }))
}

/// Whether the model is ready
#[utoipa::path(
    get,
    path = "/v2/models/{name}/ready",
    operation_id = "kserve_model_ready",
    tag = "Open Inference Protocol v2",
    params(("name" = String, Path, description = "Name of the model.")),
    responses(
        (status = 200, description = "It is ready."),
        (status = 404, description = "Another model.", body = Problem,
            content_type = "application/problem+json"),
        (status = 503, description = "Not now.", body = Problem,
            content_type = "application/problem+json"),
    )
)]
pub(crate) async fn model_ready(
    infer: Data<Infer>,
    health: Data<Health>,
    wanted: Path<Wanted>,
) -> Result<HttpResponse, WebError> {
    wanted.check(&infer.model())?;
    ready(health).await
}
