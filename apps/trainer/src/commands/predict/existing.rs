//! What is in the folder for the answers before a run, and what becomes of it.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use anyhow::Result;
use nerveseg_data::file_kind::{JOURNAL, Picture, TABLE};

use super::pictures::file_of_frame;
use crate::inputs::Source;
use crate::outputs::{self, Overwrite};
use crate::ui;

/// What a person allows to do with files that are there.
#[derive(Clone, Copy, Debug, clap::Args)]
pub(super) struct ExistingArgs {
    /// Go on where an earlier run into the same folder stopped: what has its row and its pictures is
    /// left as it is.
    #[arg(long, conflicts_with = "overwrite")]
    pub(super) skip_done: bool,
    /// Replace pictures and rows that are there already.
    #[arg(long)]
    pub(super) overwrite: bool,
}

impl ExistingArgs {
    /// Refuses to write over anything that an earlier run, or somebody else, has left in `out`.
    pub(super) fn check(self, out: &Path, sources: &[Source]) -> Result<()> {
        let is_there = |file: &PathBuf| file.symlink_metadata().is_ok();
        let mut there: Vec<PathBuf> = [out.join(TABLE), out.join(JOURNAL)].into();
        there.retain(is_there);
        // pictures of a run that stopped have its journal beside them
        let goes_on = self.skip_done && there.contains(&out.join(JOURNAL));
        there.extend(pictures(out, sources));
        if self.overwrite && !there.is_empty() {
            ui::say(&format!(
                "overwriting {} files in `{}`",
                there.len(),
                out.display()
            ));
        }
        let allowed = match self.overwrite || goes_on {
            true => Overwrite::Yes,
            false => Overwrite::No,
        };
        let ways = "`--skip-done` (go on with what `nerveseg predict` began) or `--overwrite` (replace them)";
        outputs::refuse(allowed, &there, ways)
    }

    /// Whether a picture may replace one: what an interrupted run left has no row.
    pub(super) fn pictures(self) -> Overwrite {
        match self.overwrite || self.skip_done {
            true => Overwrite::Yes,
            false => Overwrite::No,
        }
    }
}

/// Pictures of any frame of `sources` that are in `out`.
fn pictures(out: &Path, sources: &[Source]) -> Vec<PathBuf> {
    let mut folders: BTreeMap<PathBuf, BTreeSet<&OsStr>> = BTreeMap::new();
    for source in sources {
        let folder = out.join(source.name.parent().unwrap_or(Path::new("")));
        folders
            .entry(folder)
            .or_default()
            .extend(source.name.file_name());
    }
    let mut there = Vec::new();
    for (folder, names) in folders {
        // a folder that is not there yet holds nothing
        for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
            let path = entry.path();
            let is_known = |frame| {
                names.contains(OsStr::new(frame))
                    || names.contains(OsStr::new(file_of_frame(frame)))
            };
            if Picture::frame_of(&path).is_some_and(is_known) {
                there.push(path);
            }
        }
    }
    there.sort();
    there
}
