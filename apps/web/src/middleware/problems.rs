//! Gives every refusal its body.

use actix_web::Error;
use actix_web::body::{EitherBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header;
use actix_web::middleware::Next;

use crate::answer::{Problem, Reader};
use crate::error::WebError;

/// Turns every answer of 400 and above into problem details, or a page for people.
pub(crate) async fn problems<B: MessageBody + 'static>(
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<EitherBody<B>>, Error> {
    let reader = Reader::of(&request);
    let response = next.call(request).await?;
    let status = response.status();
    if !status.is_client_error() && !status.is_server_error() {
        return Ok(response.map_into_left_body());
    }
    let (request, mut response) = response.into_parts();
    let allow = response.headers_mut().remove(header::ALLOW).next();
    let refusal = response
        .error()
        .and_then(|error| error.as_error::<WebError>());
    let mut problem = Problem::new(status, refusal).respond(reader);
    if let Some(allow) = allow {
        problem.headers_mut().insert(header::ALLOW, allow);
    }
    Ok(ServiceResponse::new(request, problem).map_into_right_body())
}
