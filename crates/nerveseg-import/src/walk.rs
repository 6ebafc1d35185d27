//! The files of a folder and the folders in it.

use std::fs;
use std::path::{Path, PathBuf};

use serde::de::DeserializeOwned;

use crate::{ImportError, Result};

/// Folders in folders that are still looked at.
const DEPTH: usize = 8;
/// Largest table of labels that is read, in bytes.
const LARGEST: u64 = 1 << 30;

/// All files under `root` by name, without hidden ones.
pub(crate) fn files(root: &Path) -> Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    list(root, DEPTH, &mut files)?;
    Ok(files)
}

fn list(folder: &Path, depth: usize, files: &mut Vec<PathBuf>) -> Result<()> {
    let entries = fs::read_dir(folder).map_err(ImportError::system(folder))?;
    let mut paths = Vec::new();
    for entry in entries {
        paths.push(entry.map_err(ImportError::system(folder))?.path());
    }
    paths.sort_unstable();
    for path in paths {
        let name = path.file_name().unwrap_or_default().as_encoded_bytes();
        if name.starts_with(b".") || name == b"__MACOSX" {
            continue;
        }
        if !path.is_dir() {
            files.push(path);
        } else if depth > 0 {
            list(&path, depth - 1, files)?;
        }
    }
    Ok(())
}

/// Whether a file has this ending, in any case.
pub(crate) fn ends_with(path: &Path, ending: &str) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    name.to_ascii_lowercase().ends_with(ending)
}

/// A path under `root` as a table has it: with `/`.
pub(crate) fn relative(root: &Path, path: &Path) -> String {
    let path = path.strip_prefix(root).unwrap_or(path);
    let parts = path.iter().map(|part| part.to_string_lossy());
    parts.collect::<Vec<_>>().join("/")
}

/// The text of a file that is not too large.
pub(crate) fn text(path: &Path) -> Result<String> {
    let length = fs::metadata(path).map_err(ImportError::system(path))?.len();
    if length > LARGEST {
        return Err(ImportError::malformed(
            path,
            format!("{length} bytes, at most {LARGEST} are read"),
        ));
    }
    let text = fs::read_to_string(path).map_err(ImportError::system(path))?;
    Ok(text.trim_start_matches('\u{feff}').to_owned())
}

/// JSON of a known form.
pub(crate) fn json<T: DeserializeOwned>(path: &Path) -> Result<T> {
    serde_json::from_str(&text(path)?)
        .map_err(|error| ImportError::malformed(path, error.to_string()))
}
