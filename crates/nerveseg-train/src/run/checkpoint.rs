//! The resumable state of a run: one file, written whole or not at all.
//!
//! Weights, their running average, both moments of Adam and everything else (as TOML in the metadata) share one
//! `.safetensors`, so there is no moment at which they disagree. TOML and not JSON, because
//! `serde_json` reads numbers to the last bit but one, and a resumed run must not drift.

use std::path::{Path, PathBuf};

use burn::tensor::Device;
use nerveseg_data::write_atomic_bytes;
use nerveseg_model::artifact::{checksum, decode_tensors, encode_tensors};
use nerveseg_model::weights::NamedTensors;
use nerveseg_model::{UNet, weights};
use serde::{Deserialize, Serialize};

use crate::error::{Result, TrainError};
use crate::optim::Monitor;
use crate::optim::NamedAdam;
use crate::optim::WeightAverage;
use crate::run::record::{EpochRecord, Tally};

/// Key of the state in the metadata.
const STATE_KEY: &str = "nerveseg-checkpoint";

/// What the metadata holds.
#[derive(Serialize, Deserialize)]
struct Content {
    /// SHA-256 over the tensors, hex.
    sha256: String,
    state: RunState,
}

/// Everything of a run that is not a tensor.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct RunState {
    /// SHA-256 of configuration and partition, hex: a run is resumed with what it was started with.
    pub(crate) identity: String,
    /// Epoch that is under way (or next), from 1.
    pub(crate) epoch: u32,
    /// Steps already taken in it.
    pub(crate) step: usize,
    /// Training sums of that epoch so far.
    pub(crate) train: Tally,
    /// Steps taken by the optimiser in all.
    pub(crate) optimiser_steps: usize,
    /// Learning rate, best value, patience.
    pub(crate) monitor: Monitor,
    /// Epochs that are finished.
    pub(crate) history: Vec<EpochRecord>,
    /// Epoch of the best weights, from 1.
    pub(crate) best_epoch: Option<u32>,
}

/// Writes a checkpoint.
///
/// # Errors
///
/// Fails if the file cannot be written.
pub(crate) fn save(
    path: &Path,
    state: &RunState,
    unet: &UNet,
    adam: &NamedAdam,
    average: &WeightAverage,
) -> Result<()> {
    let mut tensors = weights::collect(unet);
    tensors.append(&mut adam.collect());
    tensors.append(&mut average.collect());
    let content = Content {
        sha256: checksum(&tensors),
        state: state.clone(),
    };
    let text = toml::to_string(&content).expect("a state is plain data");
    let bytes = encode_tensors(&tensors, [(STATE_KEY.to_owned(), text)]);
    Ok(write_atomic_bytes(path, &bytes)?)
}

/// A checkpoint in memory: what it says is known before its tensors are put to use.
pub(crate) struct Checkpoint {
    pub(crate) state: RunState,
    tensors: NamedTensors,
    path: PathBuf,
}

/// Reads a checkpoint.
///
/// # Errors
///
/// [`TrainError::DamagedCheckpoint`] if the file is not one of ours or not whole.
pub(crate) fn load(path: &Path) -> Result<Checkpoint> {
    let damaged = |problem| damaged(path, problem);
    let bytes = std::fs::read(path).map_err(|source| TrainError::RunFile {
        path: path.to_owned(),
        source,
    })?;
    let (tensors, metadata) = decode_tensors(&bytes, &path.display().to_string())
        .map_err(|error| damaged(error.to_string()))?;
    let text = metadata
        .get(STATE_KEY)
        .ok_or_else(|| damaged("it holds no state".to_owned()))?;
    let Content { sha256, state } =
        toml::from_str(text).map_err(|error| damaged(error.message().to_owned()))?;
    let found = checksum(&tensors);
    if found != sha256 {
        let problem = format!("its tensors hash to {found}, expected {sha256}");
        return Err(damaged(problem));
    }
    Ok(Checkpoint {
        state,
        tensors,
        path: path.to_owned(),
    })
}

impl Checkpoint {
    /// Puts the tensors into a network and an optimiser of the right shape.
    ///
    /// # Errors
    ///
    /// [`TrainError::DamagedCheckpoint`] names the tensor that does not fit.
    pub(crate) fn restore(
        mut self,
        unet: UNet,
        adam: &mut NamedAdam,
        average: &mut WeightAverage,
        device: &Device,
    ) -> Result<(RunState, UNet)> {
        average.restore(&mut self.tensors);
        adam.restore(&mut self.tensors, self.state.optimiser_steps, device)
            .map_err(|problem| damaged(&self.path, problem))?;
        let unet =
            weights::apply(unet, self.tensors).map_err(|problem| damaged(&self.path, problem))?;
        Ok((self.state, unet))
    }
}

fn damaged(path: &Path, problem: String) -> TrainError {
    TrainError::DamagedCheckpoint {
        path: path.to_owned(),
        problem,
    }
}
