//! Memory of feature maps that are no longer needed, for the next ones.

use nerveseg_kernels::BufferPool;

use crate::engine::engine;

/// Maps of 256 KiB or more, 2 GiB at most; smaller ones are left to the allocator.
static POOL: BufferPool<f32> = BufferPool::new(1 << 16, 1 << 29);

/// `len` values of any content, for someone who will overwrite them all.
pub(super) fn take(len: usize) -> Vec<f32> {
    POOL.take(len).unwrap_or_else(|| engine().zeros(len))
}

/// Keeps values whose tensor is gone.
#[cfg(feature = "autodiff")]
pub(super) fn give_back(values: Vec<f32>) {
    POOL.keep(values);
}
