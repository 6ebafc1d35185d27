//! What happens around every request.

mod access;
mod headers;
mod problems;

pub(crate) use access::access;
pub(crate) use headers::headers;
pub(crate) use problems::problems;
