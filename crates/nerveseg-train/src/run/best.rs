//! The artifact of the best epoch.

use std::path::Path;

use nerveseg_model::{Manifest, Provenance, UNet, artifact, weights};

use super::record::EpochRecord;
use crate::config::TrainConfig;
use crate::error::Result;
use crate::sample::Sample;

/// Writes `unet` to `path` with its settings, its scores and the people that it has seen: those of
/// `[train, validation]`.
///
/// # Errors
///
/// Fails if the file cannot be written.
pub(crate) fn save_best(
    config: &TrainConfig,
    path: &Path,
    provenance: &Provenance,
    [train, validation]: [&[Sample]; 2],
    record: &EpochRecord,
    unet: &UNet,
) -> Result<()> {
    let json = serde_json::to_value(record).expect("a record is plain data");
    let provenance = Provenance {
        train_subjects: subjects(train),
        validation_subjects: subjects(validation),
        seed: Some(config.seed),
        epoch: Some(record.epoch),
        metrics: json.as_object().cloned().unwrap_or_default(),
        ..provenance.clone()
    };
    let manifest = Manifest::new(
        config.unet.clone(),
        config.preprocess.clone(),
        config.postprocess.clone(),
        provenance,
    );
    let tensors = weights::collect(unet);
    Ok(artifact::save(path, &tensors, &manifest)?)
}

/// Persons in `samples`, rising.
fn subjects(samples: &[Sample]) -> Vec<u32> {
    let mut subjects: Vec<u32> = samples
        .iter()
        .filter_map(|s| s.case_id.subject_id)
        .collect();
    subjects.sort_unstable();
    subjects.dedup();
    subjects
}
