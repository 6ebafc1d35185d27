//! One process at a time works in a run folder.

use std::fs::{File, TryLockError};
use std::io::{Read as _, Seek as _, Write as _};
use std::path::Path;

use crate::error::{Result, TrainError};

/// Name of the file that is locked; it stays, and says who was there last.
const NAME: &str = ".lock";

/// A run folder that no other process works in until this is dropped.
///
/// It is a lock of the system and not a file that is there or not: whatever ends the process,
/// `kill -9` and power cuts included, gives the folder free.
#[derive(Debug)]
pub(super) struct Claim {
    _locked: File,
}

impl Claim {
    /// Whether a process of ours has ever claimed `folder`.
    pub(super) fn was_made(folder: &Path) -> bool {
        folder.join(NAME).exists()
    }

    /// Claims `folder`, which must exist.
    ///
    /// # Errors
    ///
    /// [`TrainError::RunInUse`] if another process (or another part of this one) has it.
    pub(super) fn of(folder: &Path) -> Result<Self> {
        let path = folder.join(NAME);
        let failed = |source| TrainError::RunFile {
            path: path.clone(),
            source,
        };
        let mut options = File::options();
        options.read(true).write(true).create(true).truncate(false);
        let mut file = options.open(&path).map_err(failed)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                return Err(TrainError::RunInUse {
                    run: folder.to_owned(),
                    holder: holder(&mut file),
                });
            }
            Err(TryLockError::Error(source)) => return Err(failed(source)),
        }
        sign(&mut file).map_err(failed)?;
        Ok(Self { _locked: file })
    }
}

/// Leaves the number of this process for whoever comes in vain.
fn sign(file: &mut File) -> std::io::Result<()> {
    file.set_len(0)?;
    file.rewind()?;
    writeln!(file, "{}", std::process::id())
}

/// Who has the folder, as far as the file says: some systems do not let it be read.
fn holder(file: &mut File) -> String {
    let mut text = String::new();
    match file.read_to_string(&mut text) {
        Ok(_) if !text.trim().is_empty() => format!("process {}", text.trim()),
        _ => "another process".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_claim_lasts_until_it_is_dropped_whatever_the_file_says() {
        let folder = tempfile::tempdir().unwrap();
        // what a killed process leaves
        std::fs::write(folder.path().join(NAME), "1\n").unwrap();
        let first = Claim::of(folder.path()).unwrap();

        let error = Claim::of(folder.path()).unwrap_err().to_string();

        let path = folder.path().display();
        let expected = format!("`{path}` is in use: process {} works", std::process::id());
        assert!(error.starts_with(&expected), "{error}");
        drop(first);
        Claim::of(folder.path()).unwrap();
    }
}
