//! Which model an address means.

use serde::Deserialize;

use crate::error::WebError;
use crate::inference::Model;

/// Which model an address means.
#[derive(Debug, Deserialize)]
pub(crate) struct Wanted {
    name: String,
    version: Option<String>,
}

impl Wanted {
    /// # Errors
    ///
    /// Another model than the one that serves.
    pub(super) fn check(&self, model: &Model) -> Result<(), WebError> {
        let right_version = |version| version == model.version();
        if self.name == model.name && self.version.as_deref().is_none_or(right_version) {
            Ok(())
        } else {
            Err(WebError::NotFound("There is no such model.".to_owned()))
        }
    }
}
