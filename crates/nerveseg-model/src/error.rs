//! Everything that can go wrong between a model file and a mask.

use std::path::PathBuf;

use nerveseg_data::DataError;

/// Shorthand for results of this crate.
pub type Result<T, E = ModelError> = std::result::Result<T, E>;

/// Everything that can go wrong between a model file and a mask.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ModelError {
    /// A hyper-parameter is out of range.
    #[error("invalid model configuration: {0}")]
    InvalidConfig(String),
    /// The device name is not one we know.
    #[error("unknown device `{0}`, expected auto, cpu, ndarray, flex, wgpu or wgpu:N")]
    UnknownDevice(String),
    /// The device exists, but this build cannot open it.
    #[error("device `{device}` needs a build with the cargo feature `{feature}`")]
    DeviceNotCompiled {
        /// What was asked for.
        device: String,
        /// Cargo feature that brings it.
        feature: &'static str,
    },
    /// No such device on this machine.
    #[error("cannot open device `{device}`: {reason}")]
    OpenDevice {
        /// What was asked for.
        device: String,
        /// What is missing and what to do about it.
        reason: String,
    },
    /// The artifact cannot be read from disk.
    #[error("cannot read model `{}`", path.display())]
    ReadArtifact {
        /// The file.
        path: PathBuf,
        /// Reason given by the system.
        #[source]
        source: std::io::Error,
    },
    /// The bytes are not a safetensors file, or only a part of one.
    #[error("`{name}` is not a whole safetensors file (truncated, or another format)")]
    NotSafetensors {
        /// File or source of the bytes.
        name: String,
        /// Reason given by the parser.
        #[source]
        source: safetensors::SafeTensorError,
    },
    /// A safetensors file that some other program wrote.
    #[error(
        "`{name}` is a safetensors file without a nerveseg manifest; was it made by `nerveseg train`?"
    )]
    ForeignArtifact {
        /// File or source of the bytes.
        name: String,
    },
    /// The manifest is there, but it does not parse.
    #[error("the manifest of `{name}` is damaged")]
    BadManifest {
        /// File or source of the bytes.
        name: String,
        /// Reason given by the parser.
        #[source]
        source: serde_json::Error,
    },
    /// The file was written by a later version.
    #[error(
        "`{name}` has format version {found}, but this program reads up to {supported}; please update nerveseg"
    )]
    FutureArtifact {
        /// File or source of the bytes.
        name: String,
        /// Version in the file.
        found: u64,
        /// Newest version that this program reads.
        supported: u64,
    },
    /// The weights are not those that were saved.
    #[error("`{name}` is corrupted: its tensors hash to {found}, but the manifest says {expected}")]
    ChecksumMismatch {
        /// File or source of the bytes.
        name: String,
        /// SHA-256 of the tensors as read, hex.
        found: String,
        /// SHA-256 in the manifest, hex.
        expected: String,
    },
    /// The tensors are not those of the network that the manifest describes.
    #[error("`{name}` does not fit its own manifest: {problem}")]
    TensorMismatch {
        /// File or source of the bytes.
        name: String,
        /// Which tensor, what was found and what was expected.
        problem: String,
    },
    /// An image cannot be decoded.
    #[error(transparent)]
    Data(#[from] DataError),
    /// An image has no pixels.
    #[error("image is {width}x{height} pixels, expected at least 1x1")]
    EmptyImage {
        /// Width in pixels.
        width: u32,
        /// Height in pixels.
        height: u32,
    },
    /// The device failed while computing.
    #[error("the device failed: {0}")]
    Execution(String),
}
