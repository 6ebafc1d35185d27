//! Memory for kernels: `f32`, at cache-line boundaries.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

/// Cache lines of the smallest buffer that is kept when it is dropped, 256 KiB.
const SMALLEST: usize = 1 << 12;

/// Cache lines that are kept at most, 256 MiB.
const MOST: usize = 1 << 22;

/// Memory of dropped buffers by its number of lines. Training packs the same weights at every
/// step; fresh memory would come from the system page by page.
#[derive(Default)]
struct Kept {
    by_lines: BTreeMap<usize, Vec<Vec<Line>>>,
    total: usize,
}

static KEPT: Mutex<Kept> = Mutex::new(Kept {
    by_lines: BTreeMap::new(),
    total: 0,
});

/// One cache line.
#[derive(Clone, Copy, Debug)]
#[repr(C, align(64))]
struct Line([f32; Buffer::LINE]);

/// A vector of `f32` that starts at a cache line.
#[derive(Clone, Debug, Default)]
pub struct Buffer {
    lines: Vec<Line>,
    len: usize,
}

impl Buffer {
    /// Values in a cache line.
    pub(crate) const LINE: usize = 16;

    /// `len` zeros.
    pub fn zeros(len: usize) -> Self {
        let lines = Box::<[Line]>::new_zeroed_slice(len.div_ceil(Self::LINE));
        Self {
            // SAFETY: a line of zero bytes is a line of zeros. The system hands them out without
            // writing them, which `vec!` of a type of ours would do.
            lines: unsafe { lines.assume_init() }.into_vec(),
            len,
        }
    }

    /// `len` values of any content, for someone who will overwrite them all.
    pub(crate) fn recycled(len: usize) -> Self {
        let count = len.div_ceil(Self::LINE);
        let mut kept = KEPT.lock().unwrap_or_else(PoisonError::into_inner);
        match kept.by_lines.get_mut(&count).and_then(Vec::pop) {
            Some(lines) => {
                kept.total -= count;
                Self { lines, len }
            }
            None => {
                drop(kept);
                Self::zeros(len)
            }
        }
    }

    /// A copy of `values`.
    pub fn from_slice(values: &[f32]) -> Self {
        let mut buffer = Self::zeros(values.len());
        buffer.as_mut_slice().copy_from_slice(values);
        buffer
    }

    /// Sets the length; new values are zero, memory is only ever added.
    pub fn resize(&mut self, len: usize) {
        let lines = len.div_ceil(Self::LINE);
        let old = self.lines.len() * Self::LINE;
        if lines > self.lines.len() {
            self.lines.resize(lines, Line([0.0; Self::LINE]));
        }
        let before = std::mem::replace(&mut self.len, len);
        if before < len {
            // what an earlier, longer buffer has left behind
            self.as_mut_slice()[before..len.min(old)].fill(0.0);
        }
    }

    /// The values.
    pub fn as_slice(&self) -> &[f32] {
        // SAFETY: `lines` holds at least `len` values one after the other, all initialised.
        unsafe { std::slice::from_raw_parts(self.lines.as_ptr().cast(), self.len) }
    }

    /// The values, to write.
    pub fn as_mut_slice(&mut self) -> &mut [f32] {
        // SAFETY: as in `as_slice`, and `self` is borrowed mutably.
        unsafe { std::slice::from_raw_parts_mut(self.lines.as_mut_ptr().cast(), self.len) }
    }
}

impl Drop for Buffer {
    fn drop(&mut self) {
        let lines = std::mem::take(&mut self.lines);
        let count = lines.len();
        if count < SMALLEST {
            return;
        }
        let mut kept = KEPT.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.total + count <= MOST {
            kept.total += count;
            kept.by_lines.entry(count).or_default().push(lines);
        }
    }
}
