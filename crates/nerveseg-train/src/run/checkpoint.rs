//! The resumable state of a run: one file, written whole or not at all.
//!
//! Weights, their running average, both moments of Adam and everything else (as TOML in the
//! metadata) share one `.safetensors`, so there is no moment at which they disagree. TOML and not
//! JSON, because `serde_json` reads numbers to the last bit but one, and a resumed run must not
//! drift.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use nerveseg_data::write_atomic_bytes;
use nerveseg_model::artifact::{checksum, decode_tensors, encode_tensors};
use nerveseg_model::weights::NamedTensors;
use serde::{Deserialize, Serialize};

use super::learner::Learner;
use super::state::RunState;
use crate::error::{Result, TrainError};

/// Key of the state in the metadata.
const STATE_KEY: &str = "nerveseg-run";

/// Key that earlier versions used, whose state said less.
const EARLIER_KEY: &str = "nerveseg-checkpoint";

/// What the metadata holds.
#[derive(Serialize, Deserialize)]
struct Content {
    /// SHA-256 over the tensors, hex.
    sha256: String,
    state: RunState,
}

/// Writes a checkpoint.
///
/// # Errors
///
/// Fails if the file cannot be written.
pub(crate) fn save(path: &Path, state: &RunState, learner: &Learner) -> Result<()> {
    let tensors = learner.collect();
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
        .ok_or_else(|| damaged(no_state(&metadata)))?;
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
    /// Puts the tensors into a learner of the right shape.
    ///
    /// # Errors
    ///
    /// [`TrainError::DamagedCheckpoint`] names the tensor that does not fit.
    pub(crate) fn restore(self, learner: &mut Learner) -> Result<RunState> {
        learner
            .restore(self.tensors, self.state.optimiser_steps)
            .map_err(|problem| damaged(&self.path, problem))?;
        Ok(self.state)
    }
}

fn no_state(metadata: &HashMap<String, String>) -> String {
    match metadata.contains_key(EARLIER_KEY) {
        true => {
            "an earlier version of this program wrote it, and that can go on with it".to_owned()
        }
        false => "it holds no state".to_owned(),
    }
}

fn damaged(path: &Path, problem: String) -> TrainError {
    TrainError::DamagedCheckpoint {
        path: path.to_owned(),
        problem,
    }
}
