//! A name for the content of a dataset.

use std::fmt::Write as _;
use std::fs::File;
use std::io::{self, BufRead as _, BufReader};
use std::path::Path;

use sha2::{Digest as _, Sha256};

use crate::dataset::{CaseEntry, MaskSource, Progress};
use crate::parallel::try_map;
use crate::{DataError, Result};

pub(crate) fn fingerprint(cases: &[CaseEntry], progress: Progress<'_>) -> Result<String> {
    let lines = try_map(cases, line, progress)?;
    Ok(hex(&Sha256::digest(lines.concat())))
}

fn line(entry: &CaseEntry) -> Result<String> {
    let image = hash_file(&entry.image_path)?;
    let mask = match &entry.mask {
        MaskSource::File(path) => hash_file(path)?,
        MaskSource::Row(row) => hex(&Sha256::digest(row.runs.to_string())),
        MaskSource::Missing => String::new(),
    };
    Ok(format!("{} {image} {mask}\n", entry.case_id))
}

fn hash_file(path: &Path) -> Result<String> {
    hash(path).map_err(|source| DataError::ReadFile {
        path: path.to_owned(),
        source,
    })
}

fn hash(path: &Path) -> io::Result<String> {
    let mut reader = BufReader::with_capacity(1 << 16, File::open(path)?);
    let mut hasher = Sha256::new();
    loop {
        let bytes = reader.fill_buf()?;
        if bytes.is_empty() {
            return Ok(hex(&hasher.finalize()));
        }
        hasher.update(bytes);
        let length = bytes.len();
        reader.consume(length);
    }
}

/// Bytes as lower-case hexadecimal digits, as `sha256sum` prints a digest.
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        // writing to a string cannot fail
        let _ = write!(text, "{byte:02x}");
        text
    })
}
