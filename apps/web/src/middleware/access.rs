//! One line of log and one count of metrics for every request.
//!
//! Neither has an address, a query, a file name or anything out of an image in it.

use std::time::Instant;

use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::Method;
use actix_web::middleware::Next;
use actix_web::{Error, web};

use crate::error::WebError;
use crate::ops::metrics::Metrics;

/// Logs and counts a request once it is answered.
pub(crate) async fn access(
    request: ServiceRequest,
    next: Next<impl MessageBody>,
) -> Result<ServiceResponse<impl MessageBody>, Error> {
    let begin = Instant::now();
    let metrics = request.app_data::<web::Data<Metrics>>().cloned();
    let method = method(request.method());
    let response = next.call(request).await?;
    let taken = begin.elapsed();
    let status = response.status().as_u16();
    let pattern = response.request().match_pattern();
    let route = pattern.as_deref().unwrap_or("other");
    if let Some(metrics) = metrics {
        metrics.request(method, route, status, taken);
    }
    let milliseconds = taken.as_secs_f64() * 1e3;
    let error = response.response().error();
    match error.and_then(|error| error.as_error::<WebError>()) {
        Some(WebError::Internal(reason)) => {
            let reason = format!("{reason:#}");
            tracing::error!(method, route, status, milliseconds, reason, "request");
        }
        // probes and scrapes come every few seconds
        _ if route.starts_with("/health") || route == "/metrics" => {
            tracing::debug!(method, route, status, milliseconds, "request");
        }
        Some(refusal) => {
            let reason = refusal.name();
            tracing::info!(method, route, status, milliseconds, reason, "request");
        }
        None => tracing::info!(method, route, status, milliseconds, "request"),
    }
    Ok(response)
}

/// Methods by name; clients can make up any number of others.
fn method(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::HEAD => "HEAD",
        Method::POST => "POST",
        Method::OPTIONS => "OPTIONS",
        _ => "other",
    }
}
