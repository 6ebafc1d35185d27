//! Memory for kernels: `f32`, at cache-line boundaries.

use crate::buffer_pool::BufferPool;

/// Dropped buffers of 256 KiB or more, 256 MiB at most: training packs the same weights at every
/// step.
static POOL: BufferPool<Line> = BufferPool::new(1 << 12, 1 << 22);

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
        match POOL.take(len.div_ceil(Self::LINE)) {
            Some(lines) => Self { lines, len },
            None => Self::zeros(len),
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
        POOL.keep(std::mem::take(&mut self.lines));
    }
}
