//! The folder of a run and the names of its files.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use nerveseg_data::write_atomic_bytes;
use serde::Serialize;

use super::claim::Claim;
use crate::error::{Result, TrainError};

/// Name of the resolved configuration.
const CONFIG: &str = "config.toml";

/// Name of the split by subject.
const SPLITS: &str = "splits.json";

/// Name of the cases of every part.
const PARTITION: &str = "partition.json";

/// Name of the copy of what the run starts from.
const INIT: &str = "init.safetensors";

/// What a run writes before its first step, and people may have put there.
const FILES: [&str; 4] = [CONFIG, SPLITS, PARTITION, INIT];

/// The folder of a run, which no other process works in as long as this lives.
///
/// `config.toml` (resolved), `partition.json` (who is in which part), `data.txt` (hashes of the
/// frames), `init.safetensors` (what the run starts from, if anything), `metrics.jsonl`, `timings.jsonl`, `checkpoint.safetensors`, `best.safetensors`,
/// `curves.svg`, `evaluation.json`, `cases.jsonl`, `report.html`.
#[derive(Debug)]
pub struct RunFolder {
    path: PathBuf,
    resumed: bool,
    _claim: Claim,
}

impl RunFolder {
    /// Creates the folder for a new run, or takes one whose run never came to a checkpoint.
    ///
    /// # Errors
    ///
    /// [`TrainError::RunExists`] if there is a run in it already, [`TrainError::RunInUse`] if
    /// another process works there.
    pub fn create(path: impl Into<PathBuf>) -> Result<Self> {
        let path = path.into();
        std::fs::create_dir_all(&path).map_err(|source| Self::failed(&path, source))?;
        // what no run of ours has left is somebody's file
        let theirs = FILES.iter().any(|name| path.join(name).exists());
        if theirs && !Claim::was_made(&path) {
            return Err(TrainError::RunExists(path));
        }
        let folder = Self {
            _claim: Claim::of(&path)?,
            resumed: false,
            path,
        };
        if folder.checkpoint().exists() || folder.best().exists() {
            return Err(TrainError::RunExists(folder.path));
        }
        Ok(folder)
    }

    /// Opens the folder of a run that was started before.
    ///
    /// # Errors
    ///
    /// [`TrainError::NothingToResume`] if there is no run in it, [`TrainError::RunInUse`] if
    /// another process works there.
    pub fn open(path: impl Into<PathBuf>) -> Result<Self> {
        let path = path.into();
        if !path.join(CONFIG).exists() {
            return Err(TrainError::NothingToResume(path));
        }
        Ok(Self {
            _claim: Claim::of(&path)?,
            resumed: true,
            path,
        })
    }

    /// The folder itself.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Whether a run that was started before is to go on here.
    pub fn is_resumed(&self) -> bool {
        self.resumed
    }

    /// The resolved configuration.
    pub fn config(&self) -> PathBuf {
        self.path.join(CONFIG)
    }

    /// Cases of every part of the split.
    pub fn partition(&self) -> PathBuf {
        self.path.join(PARTITION)
    }

    /// SHA-256 of every image and mask; the file's own is the fingerprint of the data.
    pub fn data(&self) -> PathBuf {
        self.path.join("data.txt")
    }

    /// The split by subject.
    pub fn splits(&self) -> PathBuf {
        self.path.join(SPLITS)
    }

    /// A copy of the artifact that the run starts from, if any: it is resumed without the artifact.
    pub fn init(&self) -> PathBuf {
        self.path.join(INIT)
    }

    /// One line an epoch, see [`EpochRecord`](crate::EpochRecord).
    pub fn metrics(&self) -> PathBuf {
        self.path.join("metrics.jsonl")
    }

    /// Seconds of every epoch.
    pub fn timings(&self) -> PathBuf {
        self.path.join("timings.jsonl")
    }

    /// The resumable state.
    pub fn checkpoint(&self) -> PathBuf {
        self.path.join("checkpoint.safetensors")
    }

    /// The deployable file of the best epoch.
    pub fn best(&self) -> PathBuf {
        self.path.join("best.safetensors")
    }

    /// Loss and Dice over epochs.
    pub fn curves(&self) -> PathBuf {
        self.path.join("curves.svg")
    }

    /// Scores of the best epoch on the test part (or validation part where there is no test).
    pub fn evaluation(&self) -> PathBuf {
        self.path.join("evaluation.json")
    }

    /// One line a case behind those scores.
    pub fn cases(&self) -> PathBuf {
        self.path.join("cases.jsonl")
    }

    /// All of it for people.
    pub fn report(&self) -> PathBuf {
        self.path.join("report.html")
    }

    /// Writes one file, whole or not at all.
    ///
    /// # Errors
    ///
    /// Fails if it cannot be written.
    pub fn write(&self, path: &Path, bytes: &[u8]) -> Result<()> {
        Ok(write_atomic_bytes(path, bytes)?)
    }

    /// Removes one file, if it is there.
    pub(super) fn remove(path: &Path) -> Result<()> {
        match std::fs::remove_file(path) {
            Err(source) if source.kind() != ErrorKind::NotFound => Err(Self::failed(path, source)),
            _ => Ok(()),
        }
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
