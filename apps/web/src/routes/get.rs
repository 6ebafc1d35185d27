//! GET as HTTP means it.

use actix_web::{Route, guard, web};

/// Answers GET, and HEAD without the body.
pub(super) fn get() -> Route {
    web::route().guard(guard::Any(guard::Get()).or(guard::Head()))
}
