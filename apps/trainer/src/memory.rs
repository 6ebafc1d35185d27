//! Memory that is freed and soon taken again.

use std::hint::black_box;

/// No page of it is touched.
const LARGE: usize = 16 << 20;

/// Lets the allocator keep what one file took for the next one.
///
/// The allocator of glibc gives memory back to the system as soon as 128 KiB of it are free, and
/// each page that is taken again costs a fault: half of the system's time in `nerveseg audit`. A
/// large block that is freed raises this limit to twice its size, for all threads. Other allocators
/// take no notice.
pub(crate) fn keep_freed() {
    drop(black_box(Vec::<u8>::with_capacity(LARGE)));
}
