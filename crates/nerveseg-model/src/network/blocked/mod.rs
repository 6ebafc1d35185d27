//! The network's layers on our own kernels, for Burn's CPU backends.
//!
//! Feature maps stay in the blocked layout of [`nerveseg_kernels`] from the first layer to the
//! last, as tensors of rank 5 that Burn passes along, adds up and differentiates.

#[cfg_attr(
    feature = "ndarray",
    expect(deprecated, reason = "Burn prefers flex; this backend was asked for")
)]
mod extension;
mod forward;
mod host;
mod operation;
mod recycle;
mod tensor;

use burn::tensor::Device;
use nerveseg_kernels::Engine;

use crate::engine::engine;
pub(crate) use forward::forward;

/// The engine behind a device whose tensors lie in this process's memory; `None` for a GPU.
pub fn cpu_engine(device: &Device) -> Option<&'static Engine> {
    supports(device).then(engine)
}

/// Whether tensors of this device can go through the kernels.
pub(crate) fn supports(device: &Device) -> bool {
    #[cfg(feature = "flex")]
    if *device == Device::flex() {
        return true;
    }
    #[cfg(feature = "ndarray")]
    #[expect(deprecated, reason = "Burn prefers flex; this backend was asked for")]
    if *device == Device::ndarray() {
        return true;
    }
    let _ = device;
    false
}
