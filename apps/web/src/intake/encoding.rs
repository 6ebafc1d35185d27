//! Bodies that were compressed on their way.

use std::io::Read as _;

use actix_web::http::header::{CONTENT_ENCODING, HeaderMap};
use flate2::read::MultiGzDecoder;

use crate::error::WebError;

/// Bytes that are unpacked at a time: what a limit can be passed by.
const STEP: u64 = 64 << 10;

/// How a body was compressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Encoding {
    /// Not at all.
    Identity,
    /// `gzip`, once.
    Gzip,
}

impl Encoding {
    /// The encoding that a request names.
    ///
    /// # Errors
    ///
    /// One that is not undone here.
    pub(super) fn of(headers: &HeaderMap) -> Result<Self, WebError> {
        let values = headers.get_all(CONTENT_ENCODING);
        let values: Vec<&str> = values.filter_map(|value| value.to_str().ok()).collect();
        let named = values.join(",");
        let mut codings = named.split(',').map(str::trim);
        let codings = codings
            .by_ref()
            .filter(|it| !it.is_empty() && !it.eq_ignore_ascii_case("identity"));
        match codings.collect::<Vec<_>>().as_slice() {
            [] => Ok(Self::Identity),
            [gzip]
                if ["gzip", "x-gzip"]
                    .iter()
                    .any(|it| it.eq_ignore_ascii_case(gzip)) =>
            {
                Ok(Self::Gzip)
            }
            others => Err(WebError::Unsupported(format!(
                "The body has the encoding `{}`; expected `gzip` or none.",
                others.join(", ")
            ))),
        }
    }
}

/// Undoes gzip. `allow` is asked after each step whether there may be as many bytes.
///
/// # Errors
///
/// Bytes that are no gzip, or more of them than `allow` lets through.
pub(super) fn inflate(
    body: &[u8],
    mut allow: impl FnMut(usize) -> Result<(), WebError>,
) -> Result<Vec<u8>, WebError> {
    let mut decoder = MultiGzDecoder::new(body);
    let mut bytes = Vec::new();
    loop {
        let read = decoder.by_ref().take(STEP).read_to_end(&mut bytes);
        let read = read.map_err(|_| {
            WebError::BadRequest("The body is not the gzip that its header says.".to_owned())
        })?;
        if read == 0 {
            return Ok(bytes);
        }
        allow(bytes.len())?;
    }
}
