//! What strangers send, without a server around it: for `scripts/fuzz` alone.

use std::sync::LazyLock;

use actix_web::http::header::{CONTENT_TYPE, HeaderMap, HeaderValue};
use actix_web::web::Bytes;
use tokio::runtime::Builder;

use crate::intake::{Decoder, form_image};
use crate::routes::kserve_call;
use crate::settings::Settings;

static DECODER: LazyLock<Decoder> = LazyLock::new(|| {
    let settings = Settings {
        max_pixels: 1 << 18,
        ..Settings::default()
    };
    Decoder::new("no-program".into(), &settings)
});

/// Takes the image out of a form.
///
/// # Panics
///
/// Panics on an input that the server would panic on.
pub fn form(content_type: &[u8], body: &[u8]) {
    let Ok(content_type) = HeaderValue::from_bytes(content_type) else {
        return;
    };
    let mut headers = HeaderMap::new();
    headers.insert(CONTENT_TYPE, content_type);
    let runtime = Builder::new_current_thread().build();
    let runtime = runtime.expect("a runtime without a clock or sockets");
    // whatever is refused is refused
    let _ = runtime.block_on(form_image(&headers, Bytes::copy_from_slice(body)));
}

/// Reads a request of the Open Inference Protocol, whose JSON ends at `json_length`.
///
/// # Panics
///
/// Panics on an input that the server would panic on.
pub fn kserve(json_length: usize, body: &[u8]) {
    let _ = kserve_call(Bytes::copy_from_slice(body), json_length, &DECODER);
}
