//! What happens around every request.

mod access;
mod headers;
mod problems;
mod rate_limit;

pub(crate) use access::access;
pub(crate) use headers::headers;
pub(crate) use problems::problems;
pub(crate) use rate_limit::{RateLimit, rate_limit};
