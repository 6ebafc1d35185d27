//! `timings.jsonl`: how long each epoch took.

use serde::Serialize;

use super::folder::RunFolder;
use crate::error::Result;

/// One line of the file.
#[derive(Serialize)]
struct EpochTiming<'a> {
    epoch: u32,
    seconds: f64,
    device: &'a str,
}

/// The file so far.
pub(crate) struct Timings<'a> {
    folder: &'a RunFolder,
    device: &'a str,
    text: String,
}

impl<'a> Timings<'a> {
    /// Goes on after what earlier processes of this run wrote, cut to the `epochs` that count.
    pub(crate) fn after(folder: &'a RunFolder, epochs: usize, device: &'a str) -> Self {
        let text = folder.read(&folder.timings()).unwrap_or_default();
        Self {
            folder,
            device,
            text: text.split_inclusive('\n').take(epochs).collect(),
        }
    }

    /// Adds an epoch.
    ///
    /// # Errors
    ///
    /// Fails if the file cannot be written.
    pub(crate) fn add(&mut self, epoch: u32, seconds: f64) -> Result<()> {
        let device = self.device;
        let timing = EpochTiming {
            epoch,
            seconds,
            device,
        };
        self.text += &serde_json::to_string(&timing).expect("plain data");
        self.text.push('\n');
        let path = self.folder.timings();
        self.folder.write(&path, self.text.as_bytes())
    }
}
