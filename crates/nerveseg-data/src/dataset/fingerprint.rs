//! A name for the content of a dataset.

use std::fs::File;
use std::io::{self, BufRead as _, BufReader};
use std::path::Path;

use sha2::{Digest as _, Sha256};

use super::entry::{CaseEntry, MaskSource};
use super::folder::Dataset;
use super::parallel::{Progress, try_map};
use crate::{DataError, Result, hex};

impl Dataset {
    /// SHA-256, as hex, that names the content of the cases with a mask.
    ///
    /// It is the hash of one line per case in natural order, ``{case_id} {image} {mask}\n``, where
    /// `image` and `mask` are the SHA-256 of the two files as hex. For a mask from
    /// `train_masks.csv` it is the SHA-256 of the run list, numbers separated by single spaces.
    /// Folder names, extensions, file times and the test set do not count.
    ///
    /// # Errors
    ///
    /// [`DataError::ReadFile`] for the first file, in order, that cannot be read.
    pub fn fingerprint(&self, progress: Progress<'_>) -> Result<String> {
        let lines = try_map(self.cases(), line, progress)?;
        Ok(hex(&Sha256::digest(lines.concat())))
    }
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
