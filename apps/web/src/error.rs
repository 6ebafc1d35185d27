//! Everything that a request can be refused for.

use std::time::Duration;

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, ResponseError};

use crate::ops::health::NotReady;

/// Everything that a request can be refused for. The text is a sentence for the client; what is
/// behind it goes to the log.
///
/// The answer itself is written by [`problems`](crate::middleware::problems), which knows whether
/// a browser or a program asks.
#[derive(Debug, thiserror::Error)]
pub(crate) enum WebError {
    /// The request makes no sense.
    #[error("{0}")]
    BadRequest(String),
    /// No such thing.
    #[error("{0}")]
    NotFound(String),
    /// No form that the client would take.
    #[error("The answer is `application/json` or `image/png`; the request accepts neither.")]
    NotAcceptable,
    /// The upload did not arrive in time.
    #[error("The upload took longer than {0:?}.")]
    SlowBody(Duration),
    /// Too many bytes, pixels or frames.
    #[error("{0}")]
    TooLarge(String),
    /// A format, or a kind of it, that is not read.
    #[error("{0}")]
    Unsupported(String),
    /// The format is right and the content is not.
    #[error("{0}")]
    Unprocessable(String),
    /// This client asks too often.
    #[error("Too many images from this address; the limit is {limit} a minute.")]
    RateLimited {
        /// Images a minute.
        limit: u32,
        /// When the next one is welcome.
        retry_after: Duration,
    },
    /// Our fault.
    #[error("Something went wrong on our side; it has been logged.")]
    Internal(#[source] anyhow::Error),
    /// As many requests as are allowed are being worked on.
    #[error("The server is busy; please try again in a moment.")]
    Busy,
    /// The answer would have come too late.
    #[error("There was no answer within {0:?}; please try again in a moment.")]
    Late(Duration),
    /// See [`NotReady`].
    #[error("{}", match .0 {
        NotReady::Starting => "The model is being loaded.",
        NotReady::Hanging => "The device does not answer.",
        NotReady::Draining => "The server is stopping.",
    })]
    NotReady(NotReady),
}

impl WebError {
    /// What to tell who asks for frame `index` of `count`.
    pub(crate) fn no_such_frame(index: u32, count: u32) -> Self {
        Self::Unprocessable(format!(
            "There is no frame {index}; the image has {count}, numbered from 0."
        ))
    }

    /// One word for the log.
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Self::BadRequest(_) => "bad-request",
            Self::NotFound(_) => "not-found",
            Self::NotAcceptable => "not-acceptable",
            Self::SlowBody(_) => "slow-body",
            Self::TooLarge(_) => "too-large",
            Self::Unsupported(_) => "unsupported",
            Self::Unprocessable(_) => "unprocessable",
            Self::RateLimited { .. } => "rate-limited",
            Self::Internal(_) => "internal",
            Self::Busy => "busy",
            Self::Late(_) => "late",
            Self::NotReady(NotReady::Starting) => "starting",
            Self::NotReady(NotReady::Hanging) => "hanging",
            Self::NotReady(NotReady::Draining) => "draining",
        }
    }

    /// Seconds after which another try makes sense.
    pub(crate) fn retry_after(&self) -> Option<u64> {
        match self {
            Self::RateLimited { retry_after, .. } => Some(retry_after.as_secs() + 1),
            Self::Busy | Self::Late(_) | Self::NotReady(_) => Some(1),
            _ => None,
        }
    }
}

impl ResponseError for WebError {
    fn status_code(&self) -> StatusCode {
        match self {
            Self::BadRequest(_) => StatusCode::BAD_REQUEST,
            Self::NotFound(_) => StatusCode::NOT_FOUND,
            Self::NotAcceptable => StatusCode::NOT_ACCEPTABLE,
            Self::SlowBody(_) => StatusCode::REQUEST_TIMEOUT,
            Self::TooLarge(_) => StatusCode::PAYLOAD_TOO_LARGE,
            Self::Unsupported(_) => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::Unprocessable(_) => StatusCode::UNPROCESSABLE_ENTITY,
            Self::RateLimited { .. } => StatusCode::TOO_MANY_REQUESTS,
            Self::Internal(_) => StatusCode::INTERNAL_SERVER_ERROR,
            Self::Busy | Self::Late(_) | Self::NotReady(_) => StatusCode::SERVICE_UNAVAILABLE,
        }
    }

    fn error_response(&self) -> HttpResponse {
        HttpResponse::new(self.status_code())
    }
}
