//! Memory that was used before, for someone who will overwrite it.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

/// Vectors that were dropped, by their length.
///
/// Training makes and drops the same memory at every step. Given back to the system it comes back
/// page by page, which took a third of a step.
#[derive(Debug)]
pub struct BufferPool<T> {
    smallest: usize,
    most: usize,
    kept: Mutex<Kept<T>>,
}

#[derive(Debug)]
struct Kept<T> {
    by_len: BTreeMap<usize, Vec<Vec<T>>>,
    total: usize,
}

impl<T> BufferPool<T> {
    /// Keeps vectors of `smallest` values or more, and `most` values in all.
    pub const fn new(smallest: usize, most: usize) -> Self {
        Self {
            smallest,
            most,
            kept: Mutex::new(Kept {
                by_len: BTreeMap::new(),
                total: 0,
            }),
        }
    }

    /// A vector of exactly `len` values of any content, if one was kept.
    pub fn take(&self, len: usize) -> Option<Vec<T>> {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let values = kept.by_len.get_mut(&len).and_then(Vec::pop)?;
        kept.total -= len;
        Some(values)
    }

    /// Keeps a vector, or drops it where it is too small or there are enough.
    pub fn keep(&self, values: Vec<T>) {
        let len = values.len();
        if len < self.smallest {
            return;
        }
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.total + len <= self.most {
            kept.total += len;
            kept.by_len.entry(len).or_default().push(values);
        }
    }
}
