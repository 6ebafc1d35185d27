//! The rows of a folder of answers, those of earlier runs with them.
//!
//! The journal gets a row when the pictures of a frame are on the disk, and the rows of a batch are on
//! the disk before the next one begins: whatever kills the program, a row stands for a finished frame.
//! The table is written at the end.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{File, TryLockError};
use std::io::{ErrorKind, Write as _};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};
use nerveseg_data::file_kind::{JOURNAL, TABLE};
use nerveseg_data::write_atomic_bytes;

use super::columns;
use super::row::{Failure, Row};

/// Name of a file's answers, and number of the frame.
type Key = (String, u32);

/// How a row of the journal begins.
const ROW: &[u8] = b"{\"image\":";

/// The rows of a folder of answers.
#[derive(Debug)]
pub(super) struct Answers {
    folder: PathBuf,
    rows: BTreeMap<Key, Row>,
    journal: File,
    /// Locked while this run writes into the folder.
    _claim: Option<File>,
}

impl Answers {
    /// Takes the folder for this run, and of the rows in it those that `keep` says yes to.
    pub(super) fn open(folder: &Path, keep: impl Fn(&Row) -> bool) -> Result<Self> {
        let claim = claim(folder)?;
        let path = folder.join(JOURNAL);
        let mut rows = read(&path)?;
        rows.retain(|_, row| keep(row));
        let mut text = String::new();
        for row in rows.values() {
            text += &row.json()?;
            text.push('\n');
        }
        // whole, and in place of a link if it is one
        write_atomic_bytes(&path, text.as_bytes())?;
        let journal = File::options().append(true).open(&path);
        Ok(Self {
            folder: folder.to_owned(),
            rows,
            journal: journal.with_context(|| cannot_write(&path))?,
            _claim: claim,
        })
    }

    /// Numbers of the frames of a file that are done, and how many it has if any is.
    pub(super) fn done(&self, name: &str) -> (BTreeSet<u32>, Option<u32>) {
        let of_file = self
            .rows
            .range((name.to_owned(), 0)..=(name.to_owned(), u32::MAX));
        let rows = of_file.map(|(_, row)| row);
        let frames = rows.clone().map(|row| row.frame).collect();
        (frames, rows.map(|row| row.frames).next())
    }

    /// Adds a row of a frame whose pictures are written; [`Answers::sync`] brings it to the disk.
    pub(super) fn add(&mut self, row: Row) -> Result<()> {
        let line = row.json()? + "\n";
        self.journal
            .write_all(line.as_bytes())
            .with_context(|| cannot_write(&self.folder.join(JOURNAL)))?;
        self.rows.insert((row.name.clone(), row.frame), row);
        Ok(())
    }

    /// Waits until all rows are on the disk.
    pub(super) fn sync(&self) -> Result<()> {
        let synced = self.journal.sync_data();
        synced.with_context(|| cannot_write(&self.folder.join(JOURNAL)))
    }

    /// Writes the table: every row, then what failed in this run.
    pub(super) fn write_table(&self, failures: &[Failure]) -> Result<PathBuf> {
        let mut text = columns::header()?;
        for row in self.rows.values() {
            text += &row.csv()?;
        }
        for failure in failures {
            text += &failure.csv()?;
        }
        let path = self.folder.join(TABLE);
        write_atomic_bytes(&path, text.as_bytes())?;
        Ok(path)
    }
}

/// The rows that earlier runs have finished.
pub(super) fn read(journal: &Path) -> Result<BTreeMap<Key, Row>> {
    let bytes = match std::fs::read(journal) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(BTreeMap::new()),
        Err(error) => return Err(error).with_context(|| cannot_read(journal)),
    };
    let mut rows = BTreeMap::new();
    let mut lines = bytes.split(|&byte| byte == b'\n').zip(1..).peekable();
    while let Some((line, number)) = lines.next() {
        match serde_json::from_slice::<Row>(line) {
            Ok(row) => {
                rows.insert((row.name.clone(), row.frame), row);
            }
            Err(_) if lines.peek().is_none() && may_be_cut_off(line) => {}
            Err(error) => bail!(
                "line {number} of `{}` is no row of this version of `nerveseg predict`: {error}",
                journal.display()
            ),
        }
    }
    Ok(rows)
}

/// Whether a line is the beginning of a row: the one that was written when the program ended, or
/// nothing.
fn may_be_cut_off(line: &[u8]) -> bool {
    line.starts_with(ROW) || ROW.starts_with(line)
}

/// Makes sure that no other run writes into the folder, where the system can say so.
fn claim(folder: &Path) -> Result<Option<File>> {
    let Ok(handle) = File::open(folder) else {
        return Ok(None);
    };
    match handle.try_lock() {
        Ok(()) => Ok(Some(handle)),
        Err(TryLockError::WouldBlock) => {
            bail!("another run writes into `{}`", folder.display())
        }
        Err(TryLockError::Error(_)) => Ok(None),
    }
}

fn cannot_read(path: &Path) -> String {
    format!("cannot read `{}`", path.display())
}

fn cannot_write(path: &Path) -> String {
    format!("cannot write `{}`", path.display())
}
