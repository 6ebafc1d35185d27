//! Takes the image out of a form.

use actix_multipart::Multipart;
use actix_web::error::PayloadError;
use actix_web::http::header::HeaderMap;
use actix_web::web::Bytes;
use futures_util::{TryStreamExt as _, stream};

use crate::error::WebError;

/// Name of the field with the image.
const FIELD: &str = "image";

/// Piece of a form that is parsed at a time: the parser looks for boundaries in a small buffer.
const CHUNK: usize = 32 << 10;

/// The image of a form that has arrived, and the name that its sender gave it.
///
/// # Errors
///
/// A body that is no form, one without an image, or with more than one file: none is dropped in
/// silence.
pub(crate) async fn image(
    headers: &HeaderMap,
    form: Bytes,
) -> Result<(Bytes, Option<String>), WebError> {
    let malformed = |_| WebError::BadRequest("The form is malformed.".to_owned());
    let limit = form.len();
    let chunks: Vec<Result<Bytes, PayloadError>> = (0..limit)
        .step_by(CHUNK)
        .map(|start| Ok(form.slice(start..limit.min(start + CHUNK))))
        .collect();
    let mut parts = Multipart::new(headers, stream::iter(chunks));
    let mut image = None;
    let mut other_files = Vec::new();
    while let Some(mut part) = parts.try_next().await.map_err(malformed)? {
        let field = part.name().unwrap_or_default().to_owned();
        let name = part.content_disposition().and_then(|it| it.get_filename());
        let name = name.map(ToOwned::to_owned);
        let bytes = part.bytes(limit).await;
        let bytes = bytes.expect("a part is smaller than the whole");
        let bytes = bytes.map_err(malformed)?;
        if field == FIELD {
            if image.replace((bytes, name)).is_some() {
                return Err(WebError::BadRequest(format!(
                    "The form has more than one field `{FIELD}`; expected one image."
                )));
            }
        } else if name.is_some() && !bytes.is_empty() {
            other_files.push(field);
        }
    }
    match (image, other_files.first()) {
        (Some(_), Some(other)) => Err(WebError::BadRequest(format!(
            "The form has another file in its field `{other}`; expected one image, in `{FIELD}`."
        ))),
        (Some(image), None) => Ok(image),
        (None, _) => Err(WebError::BadRequest(format!(
            "The form has no field `{FIELD}`."
        ))),
    }
}
