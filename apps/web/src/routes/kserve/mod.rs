//! The Open Inference Protocol v2 of `KServe` and Triton, with the binary tensor extension.
//!
//! The model takes one frame: the tensor `image`, `UINT8`, `[height, width]`, of any size; scaling
//! and normalising stay on this side, so no client can get them wrong. It gives `mask` (`UINT8`, 0
//! and 1) and `probabilities` (`FP32`), both `[height, width]`, and `presence` (`FP32`, `[1]`).

mod infer;
mod message;
mod metadata;
mod tensor;

pub(crate) use infer::{__path_infer, infer};
pub(crate) use metadata::{
    __path_live, __path_model, __path_model_ready, __path_ready, __path_server, live, model,
    model_ready, ready, server,
};

use actix_web::middleware::from_fn;
use actix_web::web::{Path, ServiceConfig, post, resource};
use serde::Deserialize;

use crate::app::App;
use crate::error::WebError;
use crate::middleware::rate_limit;
use crate::routes::get;

/// Registers the routes.
pub(crate) fn configure(config: &mut ServiceConfig) {
    config
        .service(resource("/v2").route(get().to(server)))
        .service(resource("/v2/health/live").route(get().to(live)))
        .service(resource("/v2/health/ready").route(get().to(ready)));
    for model_path in ["/v2/models/{name}", "/v2/models/{name}/versions/{version}"] {
        config
            .service(resource(model_path).route(get().to(model)))
            .service(resource(format!("{model_path}/ready")).route(get().to(model_ready)))
            .service(
                resource(format!("{model_path}/infer"))
                    .route(post().to(infer))
                    .wrap(from_fn(rate_limit)),
            );
    }
}

/// Which model an address means.
#[derive(Debug, Deserialize)]
pub(crate) struct Wanted {
    name: String,
    version: Option<String>,
}

impl Wanted {
    /// # Errors
    ///
    /// Another model than the one that serves.
    fn check(path: &Path<Self>, app: &App) -> Result<(), WebError> {
        let model = app.model();
        let right_version = |version| version == model.version();
        if path.name == model.name && path.version.as_deref().is_none_or(right_version) {
            Ok(())
        } else {
            Err(WebError::NotFound("There is no such model.".to_owned()))
        }
    }
}
