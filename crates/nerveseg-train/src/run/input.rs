//! What a run works on.

use std::sync::atomic::AtomicBool;

use nerveseg_data::{Dataset, Partition, Splits};
use nerveseg_model::{OpenDevice, Provenance};

use super::ancestor::Ancestor;
use super::folder::RunFolder;

/// What a run needs beside its settings.
#[derive(Debug)]
pub struct FitInput<'a> {
    /// The data.
    pub dataset: &'a Dataset,
    /// Which cases are trained on, which watched.
    pub partition: &'a Partition,
    /// The split by subject that `partition` follows, to be kept in the folder of a new run.
    pub splits: Option<&'a Splits>,
    /// Whether subjects may be in two parts; only the seed reproduction does that.
    pub allow_overlap: bool,
    /// Where it computes.
    pub device: OpenDevice,
    /// Where its files go.
    pub folder: &'a RunFolder,
    /// The weights that the run starts from, if its settings say so ([`TrainConfig::init`]).
    ///
    /// [`TrainConfig::init`]: crate::TrainConfig::init
    pub ancestor: Option<&'a Ancestor>,
    /// Goes into the artifact; the fingerprint of the data and what the run started from are added.
    pub provenance: Provenance,
    /// Raised to ask the run to stop after the step.
    pub stop: &'a AtomicBool,
}
