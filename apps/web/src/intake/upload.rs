//! Reads an upload: bounded in bytes, in time, and in memory over all uploads.

use std::sync::Arc;
use std::time::Duration;

use actix_web::error::PayloadError;
use actix_web::http::header;
use actix_web::web::{Bytes, BytesMut, Payload};
use actix_web::{HttpMessage as _, HttpRequest};
use futures_util::TryStreamExt as _;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::encoding::{Encoding, inflate};
use super::form;
use crate::error::WebError;
use crate::settings::Settings;

/// Bytes that one permit of [`Uploads::memory`] stands for.
const UNIT: usize = 1024;

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
}

/// Receives uploads, and knows what they may take.
#[derive(Debug)]
pub(crate) struct Uploads {
    max_mib: u64,
    max_bytes: usize,
    patience: Duration,
    /// Memory for all uploads together, in units of [`UNIT`].
    memory: Arc<Semaphore>,
}

impl Uploads {
    pub(crate) fn new(settings: &Settings) -> Self {
        Self {
            max_mib: settings.max_upload_mib,
            max_bytes: settings.max_upload(),
            patience: settings.body_timeout(),
            memory: Arc::new(Semaphore::new(settings.upload_memory() / UNIT)),
        }
    }

    /// The largest upload in MiB.
    pub(crate) fn max_mib(&self) -> u64 {
        self.max_mib
    }

    /// The image of a request: the field `image` of a form, or the whole body.
    ///
    /// # Errors
    ///
    /// No image, too large, too slow, or no memory left.
    pub(crate) async fn image(
        &self,
        request: &HttpRequest,
        payload: Payload,
    ) -> Result<Upload, WebError> {
        let mut upload = self.body(request, payload).await?;
        let media_type = request.content_type();
        if media_type.eq_ignore_ascii_case("multipart/form-data") {
            let bytes = upload.bytes.clone();
            (upload.bytes, upload.file_name) = form::image(request.headers(), bytes).await?;
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
        &self,
        request: &HttpRequest,
        payload: Payload,
    ) -> Result<Upload, WebError> {
        tokio::time::timeout(self.patience, self.collect(request, payload))
            .await
            .unwrap_or(Err(WebError::SlowBody(self.patience)))
    }

    async fn collect(
        &self,
        request: &HttpRequest,
        mut payload: Payload,
    ) -> Result<Upload, WebError> {
        let encoding = Encoding::of(request.headers())?;
        let announced = request.headers().get(header::CONTENT_LENGTH);
        let announced = announced.and_then(|value| value.to_str().ok()?.parse::<u64>().ok());
        if announced.is_some_and(|length| length > self.max_bytes as u64) {
            return Err(self.too_large());
        }
        let mut body = BytesMut::new();
        let mut lease = None;
        while let Some(chunk) = payload.try_next().await.map_err(broken_off)? {
            if body.len() + chunk.len() > self.max_bytes {
                return Err(self.too_large());
            }
            body.extend_from_slice(&chunk);
            self.lend(&mut lease, body.len())?;
        }
        if encoding == Encoding::Gzip {
            return self.inflated(&body);
        }
        Ok(Upload {
            bytes: body.freeze(),
            file_name: None,
            _lease: lease,
        })
    }

    /// What a compressed body stands for, within the same limits.
    fn inflated(&self, body: &[u8]) -> Result<Upload, WebError> {
        let mut lease = None;
        let bytes = inflate(body, |length| {
            if length > self.max_bytes {
                return Err(self.too_large());
            }
            self.lend(&mut lease, length)
        })?;
        Ok(Upload {
            bytes: bytes.into(),
            file_name: None,
            _lease: lease,
        })
    }

    /// Widens `lease` to `bytes`.
    fn lend(&self, lease: &mut Option<OwnedSemaphorePermit>, bytes: usize) -> Result<(), WebError> {
        let held = lease.as_ref().map_or(0, OwnedSemaphorePermit::num_permits);
        let more = bytes.div_ceil(UNIT).saturating_sub(held) as u32;
        let permit = Arc::clone(&self.memory)
            .try_acquire_many_owned(more)
            .map_err(|_| WebError::Busy)?;
        match lease {
            Some(lease) => lease.merge(permit),
            None => *lease = Some(permit),
        }
        Ok(())
    }

    fn too_large(&self) -> WebError {
        let limit = self.max_mib;
        WebError::TooLarge(format!("The upload is larger than {limit} MiB."))
    }
}

fn broken_off(error: PayloadError) -> WebError {
    match error {
        PayloadError::Incomplete(_) | PayloadError::Io(_) => {
            WebError::BadRequest("The upload broke off.".to_owned())
        }
        _ => WebError::BadRequest("The upload cannot be read.".to_owned()),
    }
}
