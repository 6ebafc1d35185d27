//! Memory of feature maps that are no longer needed, for the next ones.

use nerveseg_kernels::Spares;

use crate::engine::engine;

/// Maps of 256 KiB or more, 2 GiB at most; smaller ones are left to the allocator.
static SPARES: Spares<f32> = Spares::new(1 << 16, 1 << 29);

/// `len` values of any content, for someone who will overwrite them all.
pub(super) fn take(len: usize) -> Vec<f32> {
    SPARES.take(len).unwrap_or_else(|| engine().zeros(len))
}

/// Keeps values whose tensor is gone.
#[cfg(feature = "autodiff")]
pub(super) fn give_back(values: Vec<f32>) {
    SPARES.keep(values);
}
