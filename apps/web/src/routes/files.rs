//! Files of the page and images to try it with.

use actix_web::http::header::{self, ETag, EntityTag, IfNoneMatch};
use actix_web::{HttpResponse, web};
use rust_embed::EmbeddedFile;
use serde::Deserialize;

use crate::assets::{Assets, Samples, fingerprint, media_type};
use crate::error::WebError;

/// What makes an address change with its content.
#[derive(Debug, Deserialize)]
pub(crate) struct Version {
    v: Option<String>,
}

/// `GET /assets/{path}`
pub(crate) async fn asset(
    path: web::Path<String>,
    version: web::Query<Version>,
    known: web::Header<IfNoneMatch>,
) -> Result<HttpResponse, WebError> {
    let file = Assets::get(&path).ok_or_else(not_found)?;
    Ok(answer(&path, file, version.v.as_deref(), &known))
}

/// `GET /samples/{name}`
pub(crate) async fn sample(
    name: web::Path<String>,
    known: web::Header<IfNoneMatch>,
) -> Result<HttpResponse, WebError> {
    let file = Samples::get(&name).ok_or_else(not_found)?;
    Ok(answer(&name, file, None, &known))
}

fn not_found() -> WebError {
    WebError::NotFound("There is no such file.".to_owned())
}

/// A file that the client may keep: for good if its address has its hash in it, else to ask again.
fn answer(
    path: &str,
    file: EmbeddedFile,
    version: Option<&str>,
    known: &IfNoneMatch,
) -> HttpResponse {
    let hash = fingerprint(&file);
    let keep = if version == Some(hash.as_str()) {
        "public, max-age=31536000, immutable"
    } else {
        "public, no-cache"
    };
    // weak: compressed and plain differ in bytes and not in meaning
    let tag = EntityTag::new_weak(hash);
    let is_known = match known {
        IfNoneMatch::Any => true,
        IfNoneMatch::Items(tags) => tags.iter().any(|known| known.weak_eq(&tag)),
    };
    let mut response = if is_known {
        HttpResponse::NotModified()
    } else {
        HttpResponse::Ok()
    };
    response
        .insert_header(ETag(tag))
        .insert_header((header::CACHE_CONTROL, keep));
    if is_known {
        response.finish()
    } else {
        response
            .content_type(media_type(path))
            .body(file.data.into_owned())
    }
}
