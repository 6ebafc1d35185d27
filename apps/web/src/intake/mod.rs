//! From the bytes of strangers to a grey frame, within limits.

pub(crate) mod decode;
pub(crate) mod sandbox;
pub(crate) mod upload;
