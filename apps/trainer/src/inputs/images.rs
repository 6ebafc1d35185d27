//! Which images.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};
use nerveseg_data::{extensions, has_image_extension};

/// Expands files, folders and patterns into image files, in the order given.
pub(crate) fn images(inputs: &[String]) -> Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for input in inputs {
        let path = Path::new(input);
        if path.is_dir() {
            let found = folder(path)?;
            if found.is_empty() {
                let known: Vec<String> = extensions().map(|it| format!(".{it}")).collect();
                bail!("folder `{input}` has no image ({})", known.join(" "));
            }
            files.extend(found);
        } else if path.exists() {
            files.push(path.to_owned());
        } else {
            let matches = glob::glob(input).with_context(|| format!("`{input}` is no pattern"))?;
            let found: Vec<PathBuf> = matches.collect::<Result<_, _>>()?;
            if found.is_empty() {
                bail!("`{input}` is no file, no folder, and matches nothing");
            }
            files.extend(found);
        }
    }
    Ok(files)
}

/// Images of one folder by name, without masks.
fn folder(dir: &Path) -> Result<Vec<PathBuf>> {
    let entries =
        std::fs::read_dir(dir).with_context(|| format!("cannot list `{}`", dir.display()))?;
    let mut files = Vec::new();
    for entry in entries {
        let path = entry?.path();
        let stem = path
            .file_stem()
            .and_then(|s| s.to_str())
            .unwrap_or_default();
        if has_image_extension(&path) && !stem.ends_with("_mask") && path.is_file() {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}
