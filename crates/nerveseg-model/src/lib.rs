#![doc = include_str!("../README.md")]
#![expect(
    clippy::missing_panics_doc,
    reason = "every `expect` says why it cannot fail; a panic that a caller can cause is documented"
)]

pub mod artifact;
mod channels;
mod compile;
mod config;
mod device;
mod engine;
mod ensemble;
mod error;
mod flops;
mod headless;
#[cfg(feature = "init")]
mod init;
#[cfg(feature = "burn")]
mod network;
pub mod overlay;
mod parallel;
mod parameters;
mod postprocess;
mod prediction;
mod preprocess;
mod presence;
mod segmentation;
mod segmenter;
mod tensor;
pub mod weights;

pub use artifact::{CalibratedOn, Manifest, Provenance, StartedFrom};
pub use config::{UNetConfig, Upsample};
pub use device::{DeviceInfo, DeviceSpec, available_devices};
pub use engine::set_cpu_engine;
pub use error::{ModelError, Result};
pub use headless::without_display;
pub use nerveseg_data::mask::{Component, Components};
#[cfg(feature = "files")]
pub use nerveseg_data::read_image;
pub use nerveseg_data::{Frame, Region};
pub use nerveseg_kernels as kernels;
#[cfg(feature = "burn")]
pub use network::{ConvBlock, OpenDevice, UNet, UNetOutput, Up, cpu_engine, to_host};
pub use postprocess::Postprocess;
pub use prediction::RawPrediction;
pub use preprocess::{Fit, Normalisation, Part, Preprocess};
pub use presence::{PresenceEvidence, PresenceRule, PresenceState};
pub use segmentation::Segmentation;
pub use segmenter::Segmenter;

/// The model that [`Segmenter::bundled`] opens, as its file has it.
#[cfg(feature = "bundled")]
pub const BUNDLED_MODEL: &[u8] =
    include_bytes!("../../../assets/models/brachial-plexus.safetensors");
