//! From the bytes of strangers to a grey frame, within limits.

mod decode;
mod encoding;
mod foreign;
mod form;
mod rate_limit;
mod sandbox;
mod upload;

pub(crate) use decode::{Decoder, Source};
#[cfg(feature = "fuzzing")]
pub(crate) use form::image as form_image;
pub(crate) use rate_limit::{RateLimit, spend};
pub(crate) use upload::{Upload, Uploads};
