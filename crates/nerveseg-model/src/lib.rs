#![doc = include_str!("../README.md")]
#![expect(
    clippy::missing_panics_doc,
    reason = "every `expect` says why it cannot fail; a panic that a caller can cause is documented"
)]

pub mod artifact;
#[cfg_attr(
    not(any(feature = "flex", feature = "ndarray")),
    expect(
        dead_code,
        unused_macros,
        unused_variables,
        reason = "without a CPU backend there is nothing to extend"
    )
)]
mod blocked;
mod device;
mod error;
mod fused;
mod host;
pub mod overlay;
mod postprocess;
mod preprocess;
mod presence;
mod segmentation;
mod segmenter;
mod unet;
pub mod weights;

pub use artifact::{Manifest, Provenance};
pub use blocked::{cpu_engine, set_cpu_engine};
pub use device::{DeviceInfo, DeviceSpec, OpenDevice, available_devices};
pub use error::{ModelError, Result};
pub use host::to_host;
pub use nerveseg_data::mask::{Component, Components};
pub use nerveseg_data::read_image;
pub use nerveseg_kernels as kernels;
pub use postprocess::Postprocess;
pub use preprocess::{Normalisation, Preprocess};
pub use presence::{PresenceEvidence, PresenceRule, PresenceState};
pub use segmentation::Segmentation;
pub use segmenter::{RawPrediction, Segmenter};
/// The model that [`Segmenter::bundled`] opens, as its file has it.
#[cfg(feature = "bundled")]
pub const BUNDLED_MODEL: &[u8] =
    include_bytes!("../../../assets/models/brachial-plexus.safetensors");

pub use unet::{ConvBlock, UNet, UNetConfig, UNetOutput, Up, Upsample};
