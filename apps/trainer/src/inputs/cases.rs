//! Which cases of which folder.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};
use clap::ValueEnum;
use nerveseg_data::{Dataset, Split, Splits};

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
        conflicts_with = "split"
    )]
    subjects: Vec<u32>,
    /// Take one part of this split.
    #[arg(long, value_name = "FILE")]
    split: Option<PathBuf>,
    /// Fold of the split, from 0.
    #[arg(long, value_name = "K", requires = "split", default_value_t = 0)]
    fold: usize,
    /// Part of the split.
    #[arg(long, requires = "split", default_value = "test")]
    part: Part,
}

impl CasesArgs {
    /// Opens the folder and takes the cases that were asked for.
    pub(crate) fn open(&self) -> Result<Dataset> {
        let dataset = dataset(&self.data, false)?;
        match &self.split {
            Some(file) => self.part_of(&fold(file, self.fold, &dataset)?, &dataset),
            None if self.subjects.is_empty() => Ok(dataset),
            None => self.subjects_of(&dataset),
        }
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

    fn subjects_of(&self, dataset: &Dataset) -> Result<Dataset> {
        let known = dataset.subjects();
        let missing = self.subjects.iter().find(|id| !known.contains(id));
        if let Some(missing) = missing {
            bail!(
                "`{}` has no subject {missing}; it has {known:?}",
                self.data.display()
            );
        }
        Ok(dataset.filter(|entry| {
            let subject = entry.case_id.subject_id;
            subject.is_some_and(|id| self.subjects.contains(&id))
        }))
    }
}

/// Opens a UNS folder. Broken files stop it, or are named and left out with `skip_bad`.
pub(crate) fn dataset(dir: &Path, skip_bad: bool) -> Result<Dataset> {
    if !skip_bad {
        return Dataset::open_with(dir, reader()?).with_context(|| {
            let dir = dir.display();
            format!("cannot use `{dir}` (see `nerveseg audit {dir}`; `nerveseg train --skip-bad` goes on without broken files)")
        });
    }
    let scan = Dataset::scan_with(dir, reader()?)?;
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

/// Says how many bits the samples of 16-bit frames use, if such frames were read.
pub(crate) fn say_depth(dataset: &Dataset) {
    if let Some(bits) = dataset.deep_bits() {
        ui::say(&format!(
            "depth: {bits} bits in 16, the same for all frames"
        ));
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
