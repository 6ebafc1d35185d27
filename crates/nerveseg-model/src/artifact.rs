//! The deployable file: weights and everything needed to use them, in one `.safetensors`.

use std::collections::HashMap;
#[cfg(feature = "files")]
use std::path::Path;

use nerveseg_data::hex;
use safetensors::SafeTensors;
use safetensors::tensor::Dtype;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use crate::tensor::{HostTensor, NamedTensors};
use crate::{ModelError, Postprocess, Preprocess, Result, UNetConfig};

/// Newest artifact format that this crate reads and the one it writes.
pub const FORMAT_VERSION: u64 = 1;

/// Key of the manifest in the safetensors metadata.
const MANIFEST_KEY: &str = "nerveseg";

/// Largest artifact that is read, in bytes: ours have a few MiB.
#[cfg(feature = "files")]
const MAX_BYTES: u64 = 1 << 30;

/// What a model file says about itself.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Manifest {
    /// Format of this file, see [`FORMAT_VERSION`].
    pub format_version: u64,
    /// Program and version that wrote it.
    pub producer: String,
    /// For whom it is: always "research use only, not for clinical use".
    pub intended_use: String,
    /// SHA-256 over names, shapes and values of the tensors in order of their names, hex.
    pub sha256: String,
    /// Shape of the network.
    pub unet: UNetConfig,
    /// From image to network input.
    pub preprocess: Preprocess,
    /// From probabilities to mask.
    pub postprocess: Postprocess,
    /// Where the weights come from.
    pub provenance: Provenance,
}

/// Where weights come from; what was not recorded is absent.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Provenance {
    /// SHA-256 over the training data, see `nerveseg_data`'s fingerprint.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub data_fingerprint: Option<String>,
    /// Subjects trained on.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub train_subjects: Vec<u32>,
    /// Subjects that early stopping and thresholds were tuned on.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub validation_subjects: Vec<u32>,
    /// Whom `nerveseg calibrate` fitted the settings to that come after the network; absent if they
    /// are those of the run.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub calibration: Option<CalibratedOn>,
    /// What the run started from; absent if its first weights were drawn.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub started_from: Option<StartedFrom>,
    /// Seed of the run.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub seed: Option<u64>,
    /// Epoch whose weights these are, from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub epoch: Option<u32>,
    /// Revision of the program.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub git_revision: Option<String>,
    /// Scores on the validation subjects at that epoch, by name.
    #[serde(skip_serializing_if = "serde_json::Map::is_empty")]
    pub metrics: serde_json::Map<String, serde_json::Value>,
}

/// The artifact whose weights a run started from.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct StartedFrom {
    /// What it was called.
    pub name: String,
    /// SHA-256 of its tensors, hex.
    pub sha256: String,
    /// Which of its tensors were not taken: `head`, the output heads.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub skipped: Option<String>,
    /// Where its own weights come from: whom they know, the new ones know.
    pub provenance: Box<Provenance>,
}

/// Whom the settings after the network were fitted to.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CalibratedOn {
    /// SHA-256 over all data that they were chosen from, see `nerveseg_data`'s fingerprint.
    pub data_fingerprint: String,
    /// The subjects.
    pub subjects: Vec<u32>,
    /// The part of a split that they are.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub part: Option<String>,
}

impl Manifest {
    /// Describes a network that is not saved yet; [`encode`] fills in the checksum.
    pub fn new(
        unet: UNetConfig,
        preprocess: Preprocess,
        postprocess: Postprocess,
        provenance: Provenance,
    ) -> Self {
        Self {
            format_version: FORMAT_VERSION,
            producer: concat!("nerveseg ", env!("CARGO_PKG_VERSION")).to_owned(),
            intended_use: "research use only, not for clinical use".to_owned(),
            sha256: String::new(),
            unet,
            preprocess,
            postprocess,
            provenance,
        }
    }
}

/// Writes `tensors` and `manifest` (with its checksum filled in) as safetensors bytes.
///
/// The same input always gives the same bytes.
pub fn encode(tensors: &NamedTensors, manifest: &Manifest) -> Vec<u8> {
    let manifest = Manifest {
        sha256: checksum(tensors),
        ..manifest.clone()
    };
    let json = serde_json::to_string(&manifest).expect("a manifest is plain data");
    encode_tensors(tensors, [(MANIFEST_KEY.to_owned(), json)])
}

/// Writes named `f32` tensors and text metadata as safetensors bytes.
pub fn encode_tensors(
    tensors: &NamedTensors,
    metadata: impl IntoIterator<Item = (String, String)>,
) -> Vec<u8> {
    safetensors::serialize(tensors, Some(metadata.into_iter().collect()))
        .expect("every tensor is a valid view")
}

/// Writes an artifact to `path`, whole or not at all.
///
/// # Errors
///
/// Fails if the file cannot be written.
#[cfg(feature = "files")]
pub fn save(path: &Path, tensors: &NamedTensors, manifest: &Manifest) -> Result<()> {
    Ok(nerveseg_data::write_atomic_bytes(
        path,
        &encode(tensors, manifest),
    )?)
}

/// Reads safetensors bytes into named `f32` tensors and text metadata; `name` is for messages.
///
/// # Errors
///
/// [`ModelError::NotSafetensors`] for truncated or foreign bytes, [`ModelError::TensorMismatch`]
/// for tensors of another type.
pub fn decode_tensors(bytes: &[u8], name: &str) -> Result<(NamedTensors, HashMap<String, String>)> {
    let broken = |source| ModelError::NotSafetensors {
        name: name.to_owned(),
        source,
    };
    let (_, header) = SafeTensors::read_metadata(bytes).map_err(broken)?;
    let file = SafeTensors::deserialize(bytes).map_err(broken)?;
    let mut tensors = NamedTensors::new();
    for (tensor, view) in file.iter() {
        if view.dtype() != Dtype::F32 {
            return Err(ModelError::TensorMismatch {
                name: name.to_owned(),
                problem: format!("tensor `{tensor}` is {:?}, expected F32", view.dtype()),
            });
        }
        let data = HostTensor::of_bytes(view.shape(), view.data());
        tensors.insert(tensor.to_owned(), data);
    }
    Ok((tensors, header.metadata().clone().unwrap_or_default()))
}

/// Reads an artifact; `name` is for messages.
///
/// # Errors
///
/// A truncated, foreign, future or corrupted file is told apart, see [`ModelError`].
pub fn decode(bytes: &[u8], name: &str) -> Result<(NamedTensors, Manifest)> {
    let (tensors, metadata) = decode_tensors(bytes, name)?;
    let json = metadata
        .get(MANIFEST_KEY)
        .ok_or_else(|| ModelError::ForeignArtifact {
            name: name.to_owned(),
        })?;
    let bad = |source| ModelError::BadManifest {
        name: name.to_owned(),
        source,
    };
    // the version first: a later manifest may have other fields
    let Version {
        format_version: found,
    } = serde_json::from_str(json).map_err(bad)?;
    if found > FORMAT_VERSION {
        let name = name.to_owned();
        return Err(ModelError::FutureArtifact {
            name,
            found,
            supported: FORMAT_VERSION,
        });
    }
    if found == 0 {
        return Err(bad(serde::de::Error::custom(
            "`format_version` is 0, and the first one was 1",
        )));
    }
    let manifest: Manifest = serde_json::from_str(json).map_err(bad)?;
    let found = checksum(&tensors);
    if found != manifest.sha256 {
        let (name, expected) = (name.to_owned(), manifest.sha256);
        return Err(ModelError::ChecksumMismatch {
            name,
            found,
            expected,
        });
    }
    Ok((tensors, manifest))
}

#[derive(Deserialize)]
struct Version {
    format_version: u64,
}

/// Reads an artifact from disk.
///
/// # Errors
///
/// See [`decode`]; also if the file cannot be read or is implausibly large.
#[cfg(feature = "files")]
pub fn load(path: &Path) -> Result<(NamedTensors, Manifest)> {
    decode(&read(path)?, &path.display().to_string())
}

/// Reads a whole file of bounded size.
#[cfg(feature = "files")]
fn read(path: &Path) -> Result<Vec<u8>> {
    let failed = |source| ModelError::ReadArtifact {
        path: path.to_owned(),
        source,
    };
    let size = std::fs::metadata(path).map_err(failed)?.len();
    if size > MAX_BYTES {
        let message = format!("it has {size} bytes, expected at most {MAX_BYTES}");
        return Err(failed(std::io::Error::other(message)));
    }
    std::fs::read(path).map_err(failed)
}

/// SHA-256 over names, shapes and little-endian values of the tensors in order of their names.
pub fn checksum(tensors: &NamedTensors) -> String {
    let mut hash = Sha256::new();
    for (name, tensor) in tensors {
        hash.update(format!("{name} {:?}\n", tensor.shape()));
        hash.update(tensor.bytes());
    }
    hex(&hash.finalize())
}
