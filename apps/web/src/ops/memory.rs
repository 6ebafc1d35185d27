//! Memory of large buffers goes back to the system when they are freed.

/// Bytes from which glibc maps a buffer on its own.
#[cfg(all(target_os = "linux", target_env = "gnu"))]
const OWN_MAPPING: i32 = 2 << 20;

/// Has glibc map the buffers of large images on their own, and keep to that.
///
/// Left alone, it raises that limit up to 32 MiB as it sees large buffers freed. From then on they
/// come from the heap of the thread that asks, and each heap keeps what the largest images took.
/// To be called before there are other threads. Elsewhere than on glibc it does nothing.
pub(crate) fn return_large_buffers() {
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    #[expect(unsafe_code, reason = "glibc has no safe way to be told")]
    // SAFETY: plain numbers; no other thread is there that may allocate meanwhile
    unsafe {
        libc::mallopt(libc::M_MMAP_THRESHOLD, OWN_MAPPING);
    }
}
