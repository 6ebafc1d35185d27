//! A name for the content of a dataset.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, BufRead as _, BufReader};
use std::path::Path;

use sha2::{Digest as _, Sha256};

use super::entry::{CaseEntry, MaskSource};
use super::folder::Dataset;
use super::hashes::{FileHashes, Line};
use super::parallel::{Progress, try_map};
use crate::{Case, CaseId, DataError, Result, hex};

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
        let hashes = self.hashes(FileHashes::default(), progress)?;
        Ok(hashes.fingerprint())
    }

    /// The hashes of all cases with a mask; only those are read that are not in `known`.
    ///
    /// # Errors
    ///
    /// As [`Dataset::fingerprint`].
    pub fn hashes(&self, mut known: FileHashes, progress: Progress<'_>) -> Result<FileHashes> {
        let line = |entry: &CaseEntry| {
            let line = match known.lines.get(&entry.case_id) {
                Some(line) => line.clone(),
                None => line_of_files(entry)?,
            };
            Ok::<_, DataError>((entry.case_id, line))
        };
        let lines = try_map(self.cases(), line, progress)?;
        known.lines = lines.into_iter().collect();
        Ok(known)
    }

    /// As [`Dataset::par_load`], and hashes each file while its bytes are at hand, so that
    /// [`Dataset::hashes`] need not read it again.
    ///
    /// # Errors
    ///
    /// As [`Dataset::par_load`].
    pub fn par_load_hashed<T: Send>(
        &self,
        map: impl Fn(Case) -> T + Sync,
        progress: Progress<'_>,
    ) -> Result<(Vec<T>, FileHashes)> {
        let load = |entry: &CaseEntry| {
            let mut hashes = Vec::new();
            let case = entry.load_seeing(&mut |bytes| hashes.push(hex(&Sha256::digest(bytes))))?;
            let line = line(entry, hashes.into_iter());
            Ok::<_, DataError>((map(case), (entry.case_id, line)))
        };
        let loaded = try_map(self.cases(), load, progress)?;
        let (mapped, lines): (Vec<T>, BTreeMap<CaseId, Line>) = loaded.into_iter().unzip();
        Ok((mapped, FileHashes { lines }))
    }
}

/// The line of a case whose files are still to be read.
fn line_of_files(entry: &CaseEntry) -> Result<Line> {
    let mut hashes = vec![hash_file(&entry.image_path)?];
    if let MaskSource::File(path) = &entry.mask {
        hashes.push(hash_file(path)?);
    }
    Ok(line(entry, hashes.into_iter()))
}

/// The line of a case from the hashes of its image's file and, if it has one, its mask's.
fn line(entry: &CaseEntry, mut hashes: impl Iterator<Item = String>) -> Line {
    let image = hashes.next().expect("a case has an image");
    let mask = match &entry.mask {
        MaskSource::File(_) => hashes.next().expect("this case has a file for its mask"),
        MaskSource::Row(row) => hex(&Sha256::digest(row.runs.to_string())),
        MaskSource::Missing => String::new(),
    };
    Line { image, mask }
}

/// SHA-256 of a file, as lower-case hexadecimal digits.
///
/// # Errors
///
/// [`DataError::ReadFile`] if it cannot be read.
pub fn hash_file(path: &Path) -> Result<String> {
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
