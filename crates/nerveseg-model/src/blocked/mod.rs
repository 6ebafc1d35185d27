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
mod tensor;

use std::sync::OnceLock;

use burn::tensor::Device;
use nerveseg_kernels::Engine;

pub(crate) use forward::forward;

static ENGINE: OnceLock<Engine> = OnceLock::new();

/// The threads that all layers share.
pub(crate) fn engine() -> &'static Engine {
    ENGINE.get_or_init(|| {
        Engine::new(0)
            .or_else(|_| Engine::new(1))
            .expect("one thread is the caller's own")
    })
}

/// Sets how many threads compute on the CPU: 0 means one for every core. The default is 0.
///
/// Returns whether it was in time: the number is settled when the first network runs or loads.
pub fn set_cpu_threads(threads: usize) -> bool {
    let mut made = false;
    ENGINE.get_or_init(|| {
        made = true;
        Engine::new(threads)
            .or_else(|_| Engine::new(1))
            .expect("one thread is the caller's own")
    });
    made || threads == engine().team().threads()
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
