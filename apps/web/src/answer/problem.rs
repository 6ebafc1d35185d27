//! How a refusal looks: problem details (RFC 9457) for programs, a page for people.

use actix_web::dev::ServiceRequest;
use actix_web::http::StatusCode;
use actix_web::http::header;
use actix_web::{HttpResponse, HttpResponseBuilder};
use askama::Template;
use serde::Serialize;
use utoipa::ToSchema;

use super::accept::names_html;
use crate::assets::Site;
use crate::error::WebError;

/// Why a request was refused (RFC 9457).
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Problem {
    /// Kind of problem; `about:blank` means that the status says it all.
    #[serde(rename = "type")]
    #[schema(example = "about:blank")]
    kind: &'static str,
    /// Name of the status.
    #[schema(example = "Unsupported Media Type")]
    title: &'static str,
    /// HTTP status.
    #[schema(example = 415)]
    status: u16,
    /// A sentence that says what to do better.
    #[schema(
        example = "The image is not read: it is compressed with Zstandard; `tiffcp -c lzw IN OUT` converts it."
    )]
    detail: String,
    /// The same sentence where clients of the Open Inference Protocol look for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<String>,
    #[serde(skip)]
    #[schema(ignore)]
    retry_after: Option<u64>,
}

/// Who reads the answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reader {
    /// A program.
    Program,
    /// A program that speaks the Open Inference Protocol.
    Kserve,
    /// A person with a browser.
    Person,
}

impl Reader {
    /// Who asks.
    pub(crate) fn of(request: &ServiceRequest) -> Self {
        let path = request.path();
        if path == "/v2" || path.starts_with("/v2/") {
            Self::Kserve
        } else if names_html(request) {
            Self::Person
        } else {
            Self::Program
        }
    }
}

#[derive(Template)]
#[template(path = "error.html")]
struct ErrorPage {
    site: Site,
    status: u16,
    title: &'static str,
    detail: String,
}

impl Problem {
    /// The problem behind an answer of this status; `error` says more if it is one of ours.
    pub(crate) fn new(status: StatusCode, error: Option<&WebError>) -> Self {
        let detail = error.map_or_else(|| usual(status).to_owned(), ToString::to_string);
        Self {
            kind: "about:blank",
            title: status.canonical_reason().unwrap_or("Error"),
            status: status.as_u16(),
            detail,
            error: None,
            retry_after: error.and_then(WebError::retry_after),
        }
    }

    /// Writes it for its reader.
    pub(crate) fn respond(mut self, reader: Reader) -> HttpResponse {
        let status = StatusCode::from_u16(self.status).expect("it came from a status");
        let mut response = HttpResponseBuilder::new(status);
        if let Some(seconds) = self.retry_after {
            response.insert_header((header::RETRY_AFTER, seconds));
        }
        if reader == Reader::Kserve {
            self.error = Some(self.detail.clone());
        }
        if reader == Reader::Person {
            let page = ErrorPage {
                site: Site::new(),
                status: self.status,
                title: self.title,
                detail: self.detail.clone(),
            };
            if let Ok(page) = page.render() {
                return response.content_type("text/html; charset=utf-8").body(page);
            }
        }
        response
            .content_type("application/problem+json")
            .body(serde_json::to_string(&self).expect("a problem is plain data"))
    }
}

/// What to say about a status that the framework chose.
fn usual(status: StatusCode) -> &'static str {
    match status {
        StatusCode::BAD_REQUEST => "The request is malformed.",
        StatusCode::NOT_FOUND => "There is nothing at this address.",
        StatusCode::METHOD_NOT_ALLOWED => "This address does not take this method.",
        status if status.is_client_error() => "The request cannot be answered.",
        _ => "Something went wrong on our side.",
    }
}
