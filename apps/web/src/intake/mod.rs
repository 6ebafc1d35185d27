//! From the bytes of strangers to a grey frame, within limits.

mod decode;
mod form;
mod sandbox;
mod upload;

pub(crate) use decode::{Decoder, Source};
pub(crate) use upload::{Upload, Uploads};
