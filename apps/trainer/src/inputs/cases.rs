//! Which cases of which folder.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use clap::ValueEnum;
use nerveseg_data::{Dataset, Split, Splits};

use super::layout::with_layout;
use super::number::{parse_fold, whole};
use super::reader::reader;
use crate::outcome::Usage;
use crate::ui;

/// A part of a split.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Part {
    /// Subjects trained on: scores there say how well the network learned by heart.
    Train,
    /// Subjects that early stopping watched.
    Validation,
    /// Subjects never looked at.
    Test,
}

impl Part {
    /// As it is typed.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Train => "train",
            Self::Validation => "validation",
            Self::Test => "test",
        }
    }
}

/// Which cases of which folder.
#[derive(Debug, clap::Args)]
pub(crate) struct CasesArgs {
    /// Folder in the layout of UNS.
    #[arg(long, value_name = "DIR")]
    pub(crate) data: PathBuf,
    /// Take only these subjects, such as `3,11,22`.
    #[arg(
        long,
        value_name = "LIST",
        value_delimiter = ',',
        value_parser = whole::<u32>,
        conflicts_with = "split"
    )]
    subjects: Vec<u32>,
    /// Take one part of this split.
    #[arg(long, value_name = "FILE")]
    split: Option<PathBuf>,
    /// Fold of the split, from 0.
    #[arg(
        long,
        value_name = "K",
        requires = "split",
        default_value_t = 0,
        value_parser = parse_fold,
        allow_negative_numbers = true
    )]
    fold: usize,
    /// Part of the split.
    #[arg(long, requires = "split", default_value = "test")]
    part: Part,
}

/// A folder and what was chosen of it.
pub(crate) struct Cases {
    pub(crate) whole: Dataset,
    pub(crate) chosen: Dataset,
    /// Part of a split that was chosen.
    pub(crate) part: Option<Part>,
}

impl CasesArgs {
    /// Opens the folder and takes the cases that were asked for.
    pub(crate) fn open(&self) -> Result<Cases> {
        let whole = dataset(&self.data, None)?;
        let chosen = match &self.split {
            Some(file) => self.part_of(&fold(file, self.fold, &whole)?, &whole)?,
            None if self.subjects.is_empty() => whole.clone(),
            None => {
                let subjects = whole.of_subjects(&self.subjects);
                subjects.with_context(|| format!("cannot use `{}`", self.data.display()))?
            }
        };
        Ok(Cases {
            part: self.split.is_some().then_some(self.part),
            whole,
            chosen,
        })
    }

    fn part_of(&self, split: &Split, dataset: &Dataset) -> Result<Dataset> {
        let partition = split.resolve(dataset);
        let cases = match self.part {
            Part::Train => partition.train,
            Part::Validation => partition.validation,
            Part::Test => partition.test,
        };
        Ok(dataset.select(&cases)?)
    }
}

/// Opens a UNS folder. Broken files stop it or, where `--skip-bad` was given, are named and left
/// out; `skip_bad` is nothing for a command without that flag.
pub(crate) fn dataset(dir: &Path, skip_bad: Option<bool>) -> Result<Dataset> {
    if skip_bad != Some(true) {
        let opened = Dataset::open_with(dir, reader()?).map_err(|it| with_layout(dir, it));
        return opened.with_context(|| {
            let dir = dir.display();
            let skip = match skip_bad {
                Some(_) => "; `--skip-bad` goes on without broken files",
                None => "",
            };
            format!("cannot use `{dir}` (see `nerveseg audit {dir}`{skip})")
        });
    }
    let scan = Dataset::scan_with(dir, reader()?).map_err(|it| with_layout(dir, it))?;
    let total = scan.dataset.cases().len();
    let scan = ui::with_bar("checking", total, |progress| scan.verify(progress));
    for defect in scan.defects {
        ui::say(&format!(
            "warning: left out: {:#}",
            anyhow::Error::new(defect)
        ));
    }
    Ok(scan.dataset)
}

/// Says what is odd about the frames that were read: how many bits the samples of 16-bit ones use, and
/// that some show several regions of tissue.
pub(crate) fn say_frames(dataset: &Dataset) {
    if let Some(bits) = dataset.deep_bits() {
        ui::say(&format!(
            "depth: {bits} bits in 16, the same for all frames"
        ));
    }
    if dataset.has_several_regions() {
        ui::say(
            "warning: files show several regions of tissue, of which the largest is used; \
             `nerveseg audit` names them",
        );
    }
}

/// Reads one fold of a split file and checks that the dataset has its subjects.
pub(crate) fn fold(path: &Path, fold: usize, dataset: &Dataset) -> Result<Split> {
    let splits = Splits::load(path)?;
    let count = splits.folds.len();
    let split = splits.folds.into_iter().nth(fold).ok_or_else(|| {
        Usage(format!(
            "`{}` has {count} folds, numbered from 0; there is no fold {fold}",
            path.display()
        ))
    })?;
    split.check_covers(dataset)?;
    Ok(split)
}
