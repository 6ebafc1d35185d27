//! Making what the arguments name, and destroying nothing.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};
use nerveseg_data::{AtomicBatch, create_atomic_bytes, write_atomic_bytes};

/// Existing files that a refusal names.
const NAMED: usize = 3;

/// Whether files that this run did not write may be replaced.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Overwrite {
    No,
    Yes,
}

/// Permission to replace, for every command that writes files.
#[derive(Clone, Copy, Debug, clap::Args)]
pub(crate) struct OverwriteArg {
    /// Replace files that are there already.
    #[arg(long = "overwrite")]
    allowed: bool,
}

impl From<OverwriteArg> for Overwrite {
    fn from(arg: OverwriteArg) -> Self {
        if arg.allowed { Self::Yes } else { Self::No }
    }
}

impl Overwrite {
    /// Refuses, before any work, to write files that are there. A link that leads nowhere is there.
    pub(crate) fn check(self, files: impl IntoIterator<Item = PathBuf>) -> Result<()> {
        let there = files
            .into_iter()
            .filter(|file| file.symlink_metadata().is_ok());
        refuse(
            self,
            &there.collect::<Vec<_>>(),
            "`--overwrite` (replace them)",
        )
    }

    /// As [`Self::check`], of the `files` of a folder, if one is asked for.
    pub(crate) fn check_in(self, folder: Option<&Path>, files: &[&str]) -> Result<()> {
        let all = folder.map(|folder| files.iter().map(|file| folder.join(file)));
        self.check(all.into_iter().flatten())
    }

    /// Writes a file, whole or not at all. A file that came into being after [`Self::check`] is
    /// another run's, and is not replaced either.
    pub(crate) fn write(self, path: &Path, bytes: &[u8]) -> Result<()> {
        Ok(match self {
            Self::No => create_atomic_bytes(path, bytes),
            Self::Yes => write_atomic_bytes(path, bytes),
        }?)
    }

    /// As [`Self::write`], one file of a batch.
    pub(crate) fn write_in(self, batch: &mut AtomicBatch, path: &Path, bytes: &[u8]) -> Result<()> {
        Ok(match self {
            Self::No => batch.create(path, bytes),
            Self::Yes => batch.write(path, bytes),
        }?)
    }
}

/// Refuses to write over `there`, and says what `ways` out there are.
pub(crate) fn refuse(overwrite: Overwrite, there: &[PathBuf], ways: &str) -> Result<()> {
    if overwrite == Overwrite::Yes || there.is_empty() {
        return Ok(());
    }
    let names: Vec<String> = there
        .iter()
        .map(|it| format!("`{}`", it.display()))
        .collect();
    let (shown, rest) = names.split_at(names.len().min(NAMED));
    let more = match rest.len() {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    bail!(
        "would write over {}{more}, {} in all: choose another place, or say {ways}",
        shown.join(", "),
        match names.len() {
            1 => "1 file".to_owned(),
            count => format!("{count} files"),
        }
    );
}

/// Creates a folder and everything above it.
pub(crate) fn make_folder(dir: &Path) -> Result<()> {
    std::fs::create_dir_all(dir)
        .with_context(|| format!("cannot create folder `{}`", dir.display()))
}
