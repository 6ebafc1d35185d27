//! The network as a module of Burn: for training, and for the devices that Burn opens.

mod bilinear;
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
mod forward;
mod host;
mod layers;
mod plain;
mod predict;
mod unet;
mod weights;

pub use blocked::cpu_engine;
pub use device::OpenDevice;
pub(crate) use device::{devices, open_real_gpu};
pub use host::to_host;
pub use layers::{ConvBlock, Up};
pub use unet::{UNet, UNetOutput};
pub(crate) use weights::build;
pub use weights::{apply, collect};
