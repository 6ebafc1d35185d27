//! What is written of frames that are segmented: their pictures, then their rows.

use std::sync::mpsc::Receiver;

use anyhow::Result;
use indicatif::ProgressBar;
use nerveseg_data::AtomicBatch;

use super::PredictArgs;
use super::answers::Answers;
use super::pictures::{Encoded, Pictures};
use super::row::{Failure, Row};
use crate::ui;

/// A frame that is segmented, and what is to be written of it.
pub(super) struct Painted {
    pub(super) pictures: Pictures,
    pub(super) encoded: Encoded,
    pub(super) row: Row,
    /// What a person is told of the frame.
    pub(super) remarks: Vec<String>,
}

/// Frames whose pictures and rows go to the disk together, and what went wrong with others.
pub(super) type Batch = Vec<Result<Painted, Failure>>;

/// Writes what comes from the network, and waits for the disk, while the next frames are looked at.
pub(super) struct Writer<'a> {
    pub(super) args: &'a PredictArgs,
    pub(super) answers: Answers,
    pub(super) bar: ProgressBar,
    pub(super) failures: Vec<Failure>,
    pub(super) finished: usize,
    /// What went wrong with stdout, which stops nothing.
    pub(super) stdout: Result<()>,
}

impl Writer<'_> {
    /// Writes every batch. What goes wrong with a frame is kept for the end.
    ///
    /// # Errors
    ///
    /// The disk does not take the rows.
    pub(super) fn all(&mut self, batches: Receiver<Batch>) -> Result<()> {
        batches.into_iter().try_for_each(|batch| self.batch(batch))
    }

    fn batch(&mut self, batch: Batch) -> Result<()> {
        let mut files = AtomicBatch::default();
        let mut rows = Vec::with_capacity(batch.len());
        for frame in batch {
            match frame.and_then(|painted| self.pictures(painted, &mut files)) {
                Ok(row) => rows.push(row),
                Err(failure) => self.fail(failure),
            }
        }
        // a row on the disk stands for pictures on the disk
        files.sync()?;
        for row in rows {
            match self.row(&row) {
                Ok(()) => self.finished += 1,
                Err(error) => self.fail(Failure::of(&row, &error)),
            }
        }
        self.answers.sync()
    }

    fn pictures(&self, painted: Painted, files: &mut AtomicBatch) -> Result<Row, Failure> {
        for remark in &painted.remarks {
            self.say(remark);
        }
        let overwrite = self.args.existing.pictures();
        match painted.pictures.write(&painted.encoded, overwrite, files) {
            Ok(()) => Ok(painted.row),
            Err(error) => Err(Failure::of(&painted.row, &error)),
        }
    }

    fn row(&mut self, row: &Row) -> Result<()> {
        let line = if self.args.json {
            row.json()
        } else {
            row.csv()
        }?;
        self.answers.add(row.clone())?;
        self.print(&line);
        Ok(())
    }

    /// A line on stdout. Pictures and table are written whatever becomes of it.
    pub(super) fn print(&mut self, line: &str) {
        if self.stdout.is_ok() {
            self.stdout = self.bar.suspend(|| ui::print(line));
        }
    }

    fn fail(&mut self, failure: Failure) {
        self.say(&format!("error: {}", failure.error));
        self.failures.push(failure);
    }

    fn say(&self, line: &str) {
        self.bar.suspend(|| ui::say(line));
    }
}
