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

/// Sets what computes on the CPU, instead of the processor's fastest instructions on every core.
///
/// Returns whether it was in time: the first network that runs or loads settles it.
pub fn set_cpu_engine(engine: Engine) -> bool {
    ENGINE.set(engine).is_ok()
}

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
