//! What an earlier process of a run left, and whether the run may go on from there.

use std::collections::BTreeSet;
use std::path::PathBuf;

use nerveseg_data::{CaseId, DataChanges, Dataset, FileHashes, Partition};

use super::checkpoint::{self, Checkpoint};
use super::folder::RunFolder;
use super::identity::{Identity, digest, partition_difference, setting_differences};
use crate::config::TrainConfig;
use crate::error::{Result, TrainError};

/// A run that was started before.
pub(crate) struct Earlier<'a> {
    folder: &'a RunFolder,
    identity: Identity,
    /// As the folder has it; the identity says whether it is still that of the run.
    partition: Option<Partition>,
    data: Option<FileHashes>,
    checkpoint: Option<Checkpoint>,
}

impl<'a> Earlier<'a> {
    /// What is in `folder`, if a run was started there: by its checkpoint or, where it was stopped
    /// before the first one and is to be resumed, by its other files.
    ///
    /// # Errors
    ///
    /// [`TrainError::DamagedCheckpoint`].
    pub(crate) fn of(folder: &'a RunFolder) -> Result<Option<Self>> {
        let read = |path: PathBuf| folder.read(&path).ok();
        let partition = read(folder.partition()).and_then(|it| serde_json::from_str(&it).ok());
        let data: Option<FileHashes> = read(folder.data()).and_then(|text| text.parse().ok());
        let path = folder.checkpoint();
        let checkpoint = match path.exists() {
            true => Some(checkpoint::load(&path)?),
            false => None,
        };
        let identity = match (&checkpoint, &partition, &data) {
            (Some(checkpoint), ..) => checkpoint.state.identity.clone(),
            (None, Some(partition), Some(data)) if folder.is_resumed() => {
                let config = TrainConfig::from_file(&folder.config(), &TrainConfig::standard())?;
                Identity::new(&config, partition, data)
            }
            _ => return Ok(None),
        };
        Ok(Some(Self {
            partition: partition.filter(|it| digest(it) == identity.partition),
            data: data.filter(|it| it.fingerprint() == identity.data),
            folder,
            identity,
            checkpoint,
        }))
    }

    /// Compares all that can be known before an image is read.
    ///
    /// # Errors
    ///
    /// [`TrainError::ResumeMismatch`] names the settings, frames or parts that differ.
    pub(crate) fn check_names(
        &self,
        config: &TrainConfig,
        partition: &Partition,
        dataset: &Dataset,
    ) -> Result<()> {
        let mut differences = setting_differences(&self.identity.config, config);
        if let Some(data) = &self.data {
            let there: BTreeSet<CaseId> = dataset.cases().iter().map(|it| it.case_id).collect();
            let before: BTreeSet<CaseId> = data.cases().collect();
            let changes = DataChanges {
                added: there.difference(&before).copied().collect(),
                removed: before.difference(&there).copied().collect(),
                ..DataChanges::default()
            };
            if !changes.is_empty() {
                differences.push(data_difference(&changes.to_string()));
            }
        }
        if digest(partition) != self.identity.partition {
            let run = self.partition.as_ref();
            let named = run.and_then(|run| partition_difference(run, partition));
            differences.push(named.unwrap_or_else(|| "the split is another one".to_owned()));
        }
        self.refuse(differences)
    }

    /// Compares the contents of all images and masks.
    ///
    /// # Errors
    ///
    /// [`TrainError::ResumeMismatch`] names frames that changed.
    pub(crate) fn check_contents(&self, data: &FileHashes) -> Result<()> {
        if data.fingerprint() == self.identity.data {
            return Ok(());
        }
        let changes = match &self.data {
            Some(before) => data.changes_since(before).to_string(),
            None => "images or masks changed".to_owned(),
        };
        self.refuse(vec![data_difference(&changes)])
    }

    /// The state to go on from, if one was saved.
    pub(crate) fn into_checkpoint(self) -> Option<Checkpoint> {
        self.checkpoint
    }

    fn refuse(&self, differences: Vec<String>) -> Result<()> {
        if differences.is_empty() {
            return Ok(());
        }
        Err(TrainError::ResumeMismatch {
            run: self.folder.path().to_owned(),
            differences,
        })
    }
}

/// Checks that the run in `folder` is of these settings, these parts and frames of these names; no
/// image is read.
///
/// # Errors
///
/// [`TrainError::ResumeMismatch`] names what differs, [`TrainError::NothingToResume`] if there is
/// no run.
pub fn check_same_run(
    config: &TrainConfig,
    partition: &Partition,
    dataset: &Dataset,
    folder: &RunFolder,
) -> Result<()> {
    match Earlier::of(folder)? {
        Some(earlier) => earlier.check_names(config, partition, dataset),
        None => Err(TrainError::NothingToResume(folder.path().to_owned())),
    }
}

fn data_difference(changes: &str) -> String {
    format!("the data is not what it was: {changes}")
}
