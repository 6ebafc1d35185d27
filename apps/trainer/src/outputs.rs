//! Making what the arguments name.

use std::path::Path;

use anyhow::{Context as _, Result};

/// Creates a folder and everything above it.
pub(crate) fn make_folder(dir: &Path) -> Result<()> {
    std::fs::create_dir_all(dir)
        .with_context(|| format!("cannot create folder `{}`", dir.display()))
}
