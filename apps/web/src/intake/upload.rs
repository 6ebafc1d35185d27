//! Reads an upload: bounded in bytes, in time, and in memory over all uploads.

use std::sync::Arc;

use actix_multipart::Multipart;
use actix_web::error::PayloadError;
use actix_web::http::header;
use actix_web::web::{Bytes, BytesMut, Payload};
use actix_web::{HttpMessage as _, HttpRequest};
use futures_util::{TryStreamExt as _, stream};
use tokio::sync::OwnedSemaphorePermit;

use crate::app::{App, UPLOAD_UNIT};
use crate::error::WebError;

/// Name of the field with the image in forms.
const FIELD: &str = "image";

/// An image as it was sent.
#[derive(Debug)]
pub(crate) struct Upload {
    pub(crate) bytes: Bytes,
    /// What the browser calls it: shown to its sender, never logged.
    pub(crate) file_name: Option<String>,
    /// Its share of the memory for uploads.
    _lease: Option<OwnedSemaphorePermit>,
}

impl Upload {
    /// An image that was there before.
    pub(crate) fn of_sample(bytes: Bytes, name: &str) -> Self {
        Self {
            bytes,
            file_name: Some(name.to_owned()),
            _lease: None,
        }
    }

    /// The image of a request: the field `image` of a form, or the whole body.
    ///
    /// # Errors
    ///
    /// No image, too large, too slow, or no memory left.
    pub(crate) async fn read(
        app: &App,
        request: &HttpRequest,
        payload: Payload,
    ) -> Result<Self, WebError> {
        let mut upload = Self::body(app, request, payload).await?;
        if request
            .content_type()
            .eq_ignore_ascii_case("multipart/form-data")
        {
            let (bytes, file_name) = field(request, upload.bytes.clone()).await?;
            upload.bytes = bytes;
            upload.file_name = file_name;
        }
        if upload.bytes.is_empty() {
            return Err(WebError::BadRequest("There is no image in it.".to_owned()));
        }
        Ok(upload)
    }

    /// The whole body of a request.
    ///
    /// # Errors
    ///
    /// Too large, too slow, broken off, or no memory left.
    pub(crate) async fn body(
        app: &App,
        request: &HttpRequest,
        payload: Payload,
    ) -> Result<Self, WebError> {
        let patience = app.settings.body_timeout();
        tokio::time::timeout(patience, collect(app, request, payload))
            .await
            .unwrap_or(Err(WebError::SlowBody(patience)))
    }
}

async fn collect(
    app: &App,
    request: &HttpRequest,
    mut payload: Payload,
) -> Result<Upload, WebError> {
    let limit = app.settings.max_upload();
    let too_large = || {
        let limit = app.settings.max_upload_mib;
        WebError::TooLarge(format!("The upload is larger than {limit} MiB."))
    };
    let announced = request.headers().get(header::CONTENT_LENGTH);
    let announced = announced.and_then(|value| value.to_str().ok()?.parse::<u64>().ok());
    if announced.is_some_and(|length| length > limit as u64) {
        return Err(too_large());
    }
    let mut body = BytesMut::new();
    let mut lease = None;
    while let Some(chunk) = payload.try_next().await.map_err(broken_off)? {
        if body.len() + chunk.len() > limit {
            return Err(too_large());
        }
        body.extend_from_slice(&chunk);
        lend(app, &mut lease, body.len())?;
    }
    Ok(Upload {
        bytes: body.freeze(),
        file_name: None,
        _lease: lease,
    })
}

fn broken_off(error: PayloadError) -> WebError {
    match error {
        PayloadError::Incomplete(_) | PayloadError::Io(_) => {
            WebError::BadRequest("The upload broke off.".to_owned())
        }
        _ => WebError::BadRequest("The upload cannot be read.".to_owned()),
    }
}

/// Widens `lease` to `bytes`.
fn lend(app: &App, lease: &mut Option<OwnedSemaphorePermit>, bytes: usize) -> Result<(), WebError> {
    let held = lease.as_ref().map_or(0, OwnedSemaphorePermit::num_permits);
    let more = bytes.div_ceil(UPLOAD_UNIT).saturating_sub(held) as u32;
    let permit = Arc::clone(&app.uploads)
        .try_acquire_many_owned(more)
        .map_err(|_| WebError::Busy)?;
    match lease {
        Some(lease) => lease.merge(permit),
        None => *lease = Some(permit),
    }
    Ok(())
}

/// Takes the image out of a form.
async fn field(request: &HttpRequest, form: Bytes) -> Result<(Bytes, Option<String>), WebError> {
    let malformed = |_| WebError::BadRequest("The form is malformed.".to_owned());
    let limit = form.len();
    // the parser looks for boundaries in a small buffer
    let chunks: Vec<Result<Bytes, PayloadError>> = (0..limit)
        .step_by(CHUNK)
        .map(|start| Ok(form.slice(start..limit.min(start + CHUNK))))
        .collect();
    let mut parts = Multipart::new(request.headers(), stream::iter(chunks));
    while let Some(mut part) = parts.try_next().await.map_err(malformed)? {
        if part.name() != Some(FIELD) {
            continue;
        }
        let name = part.content_disposition().and_then(|it| it.get_filename());
        let name = name.map(ToOwned::to_owned);
        let bytes = part.bytes(limit).await;
        let bytes = bytes.expect("a part is smaller than the whole");
        return Ok((bytes.map_err(malformed)?, name));
    }
    Err(WebError::BadRequest(format!(
        "The form has no field `{FIELD}`."
    )))
}

/// Piece of a form that is parsed at a time.
const CHUNK: usize = 32 << 10;
