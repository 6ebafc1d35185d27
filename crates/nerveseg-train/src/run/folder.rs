//! The folder of a run and the names of its files.

use std::path::{Path, PathBuf};

use nerveseg_data::write_atomic_bytes;
use serde::Serialize;

use crate::error::{Result, TrainError};

/// The folder of a run.
///
/// `config.toml` (resolved), `partition.json` (who is in which part), `metrics.jsonl`,
/// `timings.jsonl`, `checkpoint.safetensors`, `best.safetensors`, `curves.svg`,
/// `evaluation.json`, `cases.jsonl`, `report.html`.
#[derive(Clone, Debug)]
pub struct RunFolder(PathBuf);

impl RunFolder {
    /// Creates the folder for a new run.
    ///
    /// # Errors
    ///
    /// [`TrainError::RunExists`] if there is a run in it already.
    pub fn create(path: impl Into<PathBuf>) -> Result<Self> {
        let folder = Self(path.into());
        if folder.config().exists() || folder.checkpoint().exists() {
            return Err(TrainError::RunExists(folder.0));
        }
        std::fs::create_dir_all(&folder.0).map_err(|source| Self::failed(&folder.0, source))?;
        Ok(folder)
    }

    /// Opens the folder of a run that was started before.
    ///
    /// # Errors
    ///
    /// [`TrainError::NothingToResume`] if there is no run in it.
    pub fn open(path: impl Into<PathBuf>) -> Result<Self> {
        let folder = Self(path.into());
        if folder.config().exists() {
            Ok(folder)
        } else {
            Err(TrainError::NothingToResume(folder.0))
        }
    }

    /// The folder itself.
    pub fn path(&self) -> &Path {
        &self.0
    }

    /// The resolved configuration.
    pub fn config(&self) -> PathBuf {
        self.0.join("config.toml")
    }

    /// Cases of every part of the split.
    pub fn partition(&self) -> PathBuf {
        self.0.join("partition.json")
    }

    /// The split by subject.
    pub fn splits(&self) -> PathBuf {
        self.0.join("splits.json")
    }

    /// One line an epoch, see [`EpochRecord`](crate::EpochRecord).
    pub fn metrics(&self) -> PathBuf {
        self.0.join("metrics.jsonl")
    }

    /// Seconds of every epoch.
    pub fn timings(&self) -> PathBuf {
        self.0.join("timings.jsonl")
    }

    /// The resumable state.
    pub fn checkpoint(&self) -> PathBuf {
        self.0.join("checkpoint.safetensors")
    }

    /// The deployable file of the best epoch.
    pub fn best(&self) -> PathBuf {
        self.0.join("best.safetensors")
    }

    /// Loss and Dice over epochs.
    pub fn curves(&self) -> PathBuf {
        self.0.join("curves.svg")
    }

    /// Scores of the best epoch on the test part (or validation part where there is no test).
    pub fn evaluation(&self) -> PathBuf {
        self.0.join("evaluation.json")
    }

    /// One line a case behind those scores.
    pub fn cases(&self) -> PathBuf {
        self.0.join("cases.jsonl")
    }

    /// All of it for people.
    pub fn report(&self) -> PathBuf {
        self.0.join("report.html")
    }

    /// Writes one file, whole or not at all.
    ///
    /// # Errors
    ///
    /// Fails if it cannot be written.
    pub fn write(&self, path: &Path, bytes: &[u8]) -> Result<()> {
        Ok(write_atomic_bytes(path, bytes)?)
    }

    /// Reads one file as text.
    ///
    /// # Errors
    ///
    /// Fails if it cannot be read.
    pub fn read(&self, path: &Path) -> Result<String> {
        std::fs::read_to_string(path).map_err(|source| Self::failed(path, source))
    }

    fn failed(path: &Path, source: std::io::Error) -> TrainError {
        TrainError::RunFile {
            path: path.to_owned(),
            source,
        }
    }
}

/// Writes one JSON object a line, whole or not at all.
///
/// # Errors
///
/// Fails if the file cannot be written.
pub fn write_json_lines<T: Serialize>(path: &Path, rows: &[T]) -> Result<()> {
    let mut text = String::new();
    for row in rows {
        text += &serde_json::to_string(row).expect("a record is plain data");
        text.push('\n');
    }
    Ok(write_atomic_bytes(path, text.as_bytes())?)
}
