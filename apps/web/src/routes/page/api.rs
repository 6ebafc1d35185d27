//! The page of the API, out of the `OpenAPI` document.

use actix_web::HttpResponse;
use askama::Template;
use utoipa::openapi::path::{self, ParameterIn, PathItem};
use utoipa::openapi::{RefOr, response};

use super::html::html;
use crate::assets::Site;
use crate::error::WebError;
use crate::routes::openapi::document;

#[derive(Template)]
#[template(path = "api.html")]
struct ApiPage {
    site: Site,
    operations: Vec<Operation>,
}

struct Operation {
    method: &'static str,
    path: String,
    summary: String,
    description: String,
    parameters: Vec<Parameter>,
    responses: Vec<Response>,
    curl: String,
}

struct Parameter {
    name: String,
    place: &'static str,
    description: String,
}

struct Response {
    code: String,
    description: String,
}

/// `GET /api`
pub(crate) async fn api() -> Result<HttpResponse, WebError> {
    let mut operations: Vec<Operation> = document()
        .paths
        .paths
        .into_iter()
        .flat_map(|(path, item)| operations(&path, item))
        .collect();
    // what people come for stands first
    operations.sort_by_key(|operation| match operation.path.as_str() {
        "/api/v1/segment" => 0,
        path if path.starts_with("/api/") => 1,
        _ => 2,
    });
    html(&ApiPage {
        site: Site::new(),
        operations,
    })
}

fn operations(path: &str, item: PathItem) -> Vec<Operation> {
    [("POST", item.post), ("GET", item.get)]
        .into_iter()
        .filter_map(|(method, operation)| Some(Operation::new(method, path, operation?)))
        .collect()
}

impl Operation {
    fn new(method: &'static str, path: &str, operation: path::Operation) -> Self {
        let parameters = operation.parameters.into_iter().flatten();
        Self {
            method,
            path: path.to_owned(),
            summary: plain(operation.summary),
            description: plain(operation.description),
            parameters: parameters.filter_map(Parameter::new).collect(),
            responses: operation
                .responses
                .responses
                .into_iter()
                .filter_map(|(code, response)| Response::new(code, response))
                .collect(),
            curl: curl(path),
        }
    }
}

impl Parameter {
    fn new(parameter: RefOr<path::Parameter>) -> Option<Self> {
        let RefOr::T(parameter) = parameter else {
            return None;
        };
        Some(Self {
            name: parameter.name,
            place: match parameter.parameter_in {
                ParameterIn::Query => "query",
                ParameterIn::Path => "path",
                _ => "header",
            },
            description: plain(parameter.description),
        })
    }
}

impl Response {
    fn new(code: String, response: RefOr<response::Response>) -> Option<Self> {
        let RefOr::T(response) = response else {
            return None;
        };
        Some(Self {
            code,
            description: plain(Some(response.description)),
        })
    }
}

/// Text without marks of Markdown.
fn plain(text: Option<String>) -> String {
    text.unwrap_or_default().replace('`', "")
}

/// How to ask from a shell.
fn curl(path: &str) -> String {
    const HOME: &str = "http://localhost:8080";
    match path {
        "/api/v1/segment" => format!(
            "curl -F image=@frame.png {HOME}{path}\n\
             curl -F image=@frame.png -H 'Accept: image/png' '{HOME}{path}?view=overlay' -o overlay.png\n\
             curl --data-binary @clip.dcm '{HOME}{path}?frame=3&threshold=0.4'"
        ),
        path if path.ends_with("/infer") => format!(
            "curl {HOME}/v2/models/brachial-plexus/infer \\\n  \
             -d '{{\"inputs\": [{{\"name\": \"image\", \"datatype\": \"UINT8\", \"shape\": [2, 3], \
             \"data\": [0, 50, 100, 150, 200, 250]}}]}}'"
        ),
        path => format!("curl {HOME}{}", path.replace("{name}", "brachial-plexus")),
    }
}
