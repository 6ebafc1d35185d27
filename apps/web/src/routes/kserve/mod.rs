//! The Open Inference Protocol v2 of `KServe` and Triton, with the binary tensor extension.
//!
//! The model takes one frame: the tensor `image`, `UINT8`, `[height, width]`, of any size; scaling
//! and normalising stay on this side, so no client can get them wrong. It gives `mask` (`UINT8`, 0
//! and 1) and `probabilities` (`FP32`), both `[height, width]`, and `presence` (`FP32`, `[1]`).

mod infer;
mod message;
mod metadata;
mod numbers;
mod output;
mod wanted;

#[cfg(feature = "fuzzing")]
pub(crate) use infer::read;
pub(super) use infer::{__path_infer, infer};
pub(super) use metadata::{
    __path_live, __path_model, __path_model_ready, __path_ready, __path_server, live, model,
    model_ready, ready, server,
};

use actix_web::web::{ServiceConfig, post, resource};

use crate::routes::get::get;

/// Registers the routes.
pub(super) fn configure(config: &mut ServiceConfig) {
    config
        .service(resource("/v2").route(get().to(server)))
        .service(resource("/v2/health/live").route(get().to(live)))
        .service(resource("/v2/health/ready").route(get().to(ready)));
    for model_path in ["/v2/models/{name}", "/v2/models/{name}/versions/{version}"] {
        config
            .service(resource(model_path).route(get().to(model)))
            .service(resource(format!("{model_path}/ready")).route(get().to(model_ready)))
            .service(resource(format!("{model_path}/infer")).route(post().to(infer)));
    }
}
