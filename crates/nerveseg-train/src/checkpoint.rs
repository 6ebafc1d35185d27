//! The resumable state of a run: one file, written whole or not at all.
//!
//! Weights, both moments of Adam and everything else (as JSON in the metadata) share one
//! `.safetensors`, so there is no moment at which they disagree.

use std::collections::HashMap;
use std::path::Path;

use burn::tensor::Device;
use nerveseg_data::write_atomic_bytes;
use nerveseg_model::artifact::{decode_tensors, encode_tensors};
use nerveseg_model::{UNet, weights};
use serde::{Deserialize, Serialize};

use crate::adam::NamedAdam;
use crate::record::{EpochRecord, Tally};
use crate::schedule::Monitor;
use crate::{Result, TrainError};

/// Key of the state in the metadata.
const STATE_KEY: &str = "nerveseg-checkpoint";

/// Everything of a run that is not a tensor.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RunState {
    /// SHA-256 of configuration and partition, hex: a run is resumed with what it was started with.
    pub identity: String,
    /// Epoch that is under way (or next), from 1.
    pub epoch: u32,
    /// Steps already taken in it.
    pub step: usize,
    /// Training sums of that epoch so far.
    pub train: Tally,
    /// Steps taken by the optimiser in all.
    pub optimiser_steps: usize,
    /// Learning rate, best value, patience.
    pub monitor: Monitor,
    /// Epochs that are finished.
    pub history: Vec<EpochRecord>,
    /// Epoch of the best weights, from 1.
    pub best_epoch: Option<u32>,
    /// Whether early stopping ended the training.
    pub finished: bool,
}

/// Writes a checkpoint.
///
/// # Errors
///
/// Fails if the file cannot be written.
pub(crate) fn save(path: &Path, state: &RunState, unet: &UNet, adam: &NamedAdam) -> Result<()> {
    let mut tensors = weights::collect(unet);
    tensors.append(&mut adam.collect());
    let json = serde_json::to_string(state).expect("a state is plain data");
    let bytes = encode_tensors(&tensors, HashMap::from([(STATE_KEY.to_owned(), json)]));
    Ok(write_atomic_bytes(path, &bytes)?)
}

/// Reads a checkpoint into a network and an optimiser of the right shape.
///
/// # Errors
///
/// [`TrainError::DamagedCheckpoint`] if the file is not one of ours or does not fit.
pub(crate) fn load(
    path: &Path,
    unet: UNet,
    adam: &mut NamedAdam,
    device: &Device,
) -> Result<(RunState, UNet)> {
    let damaged = |problem: String| TrainError::DamagedCheckpoint {
        path: path.to_owned(),
        problem,
    };
    let bytes = std::fs::read(path).map_err(|source| TrainError::RunFile {
        path: path.to_owned(),
        source,
    })?;
    let (mut tensors, metadata) = decode_tensors(&bytes, &path.display().to_string())?;
    let json = metadata
        .get(STATE_KEY)
        .ok_or_else(|| damaged("it holds no state".to_owned()))?;
    let state: RunState = serde_json::from_str(json).map_err(|e| damaged(e.to_string()))?;
    adam.restore(&mut tensors, state.optimiser_steps, device)
        .map_err(damaged)?;
    let unet = weights::apply(unet, tensors).map_err(damaged)?;
    Ok((state, unet))
}
