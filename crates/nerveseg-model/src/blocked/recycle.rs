//! Memory of feature maps that are no longer needed, for the next ones.
//!
//! Training makes and drops the same hundreds of megabytes at every step. Given back to the
//! system they come back page by page, which took a tenth of a step.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use super::engine;

/// Smaller ones are left to the allocator.
#[cfg(feature = "autodiff")]
const SMALLEST: usize = 1 << 16;

/// Most values that are kept, 2 GiB.
#[cfg(feature = "autodiff")]
const MOST: usize = 1 << 29;

#[derive(Default)]
struct Kept {
    by_len: BTreeMap<usize, Vec<Vec<f32>>>,
    total: usize,
}

static KEPT: Mutex<Kept> = Mutex::new(Kept {
    by_len: BTreeMap::new(),
    total: 0,
});

/// `len` values of any content, for someone who will overwrite them all.
pub(super) fn take(len: usize) -> Vec<f32> {
    let mut kept = KEPT.lock().unwrap_or_else(PoisonError::into_inner);
    match kept.by_len.get_mut(&len).and_then(Vec::pop) {
        Some(values) => {
            kept.total -= len;
            values
        }
        None => {
            drop(kept);
            engine().zeros(len)
        }
    }
}

/// Keeps values whose tensor is gone.
#[cfg(feature = "autodiff")]
pub(super) fn give_back(values: Vec<f32>) {
    let len = values.len();
    let mut kept = KEPT.lock().unwrap_or_else(PoisonError::into_inner);
    if len >= SMALLEST && kept.total + len <= MOST {
        kept.total += len;
        kept.by_len.entry(len).or_default().push(values);
    }
}
