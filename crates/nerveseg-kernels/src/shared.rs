//! The one kind of pointer that crosses threads.

/// An address that the threads of a kernel share.
///
/// A kernel's stage holds these instead of slices, because its tasks write to interleaved parts of
/// one slice.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Shared(*mut f32);

// SAFETY: holding or sending an address touches no memory. Whoever reads or writes through it does
// so in an `unsafe` block, where three things hold. Tasks of one phase write to different parts,
// and none reads what another one writes. The barrier between two phases orders the writes of the
// first before the reads of the second. `Team::run` returns after every thread has left the kernel,
// so that no address outlives the slice it was taken from.
unsafe impl Send for Shared {}
// SAFETY: as above.
unsafe impl Sync for Shared {}

impl Shared {
    /// No address.
    pub(crate) const NULL: Self = Self(std::ptr::null_mut());

    /// The address of values that are only read.
    pub(crate) fn read(values: &[f32]) -> Self {
        Self(values.as_ptr().cast_mut())
    }

    /// The address of values that are written.
    pub(crate) fn write(values: &mut [f32]) -> Self {
        Self(values.as_mut_ptr())
    }

    /// A given address.
    pub(crate) fn at(address: *mut f32) -> Self {
        Self(address)
    }

    /// The address.
    #[inline(always)]
    pub(crate) fn get(self) -> *mut f32 {
        self.0
    }

    /// The address `count` values on.
    ///
    /// # Safety
    ///
    /// It lies inside the values that the address was taken from, or at their end.
    #[inline(always)]
    pub(crate) unsafe fn add(self, count: usize) -> *mut f32 {
        // SAFETY: the caller's promise.
        unsafe { self.0.add(count) }
    }
}
