//! Which address is answered by what.

mod files;
mod get;
mod health;
mod kserve;
mod model;
mod monitoring;
mod openapi;
mod page;
mod segment;

use actix_web::Error;
use actix_web::error::QueryPayloadError;
use actix_web::middleware::Compress;
use actix_web::web::{QueryConfig, ServiceConfig, post, resource};

use crate::error::WebError;
use get::get;
#[cfg(feature = "fuzzing")]
pub(crate) use kserve::read as kserve_call;

/// Registers every route.
pub(crate) fn configure(config: &mut ServiceConfig) {
    config
        .app_data(QueryConfig::default().error_handler(|error, _| bad_query(&error)))
        .service(resource("/health/live").route(get().to(health::live)))
        .service(resource("/health/ready").route(get().to(health::ready)))
        .service(resource("/metrics").route(get().to(monitoring::metrics)))
        .service(resource("/api/v1/segment").route(post().to(segment::segment)))
        .service(resource("/api/v1/model").route(get().to(model::model)))
        .service(
            resource("/api/openapi.json")
                .route(get().to(openapi::openapi))
                .wrap(Compress::default()),
        )
        .service(
            resource("/")
                .route(get().to(page::index))
                .route(post().to(page::result))
                .wrap(Compress::default()),
        )
        .service(
            resource("/model")
                .route(get().to(page::model))
                .wrap(Compress::default()),
        )
        .service(
            resource("/api")
                .route(get().to(page::api))
                .wrap(Compress::default()),
        )
        .service(
            resource("/assets/{path:.*}")
                .route(get().to(files::asset))
                .wrap(Compress::default()),
        )
        .service(resource("/samples/{name}").route(get().to(files::sample)))
        .configure(kserve::configure);
}

fn bad_query(error: &QueryPayloadError) -> Error {
    let reason = match error {
        QueryPayloadError::Deserialize(reason) => reason.to_string(),
        _ => "it cannot be read".to_owned(),
    };
    WebError::BadRequest(format!("The query is wrong: {reason}.")).into()
}
