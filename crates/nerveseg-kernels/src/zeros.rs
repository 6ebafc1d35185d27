//! Fresh memory.

use crate::Engine;
use crate::isa::Isa;
use crate::shared::Shared;
use crate::stage::Stage;
use crate::team::{Worker, Workspace};
use crate::tile::Tiled;

/// Values of one task.
const CHUNK: usize = 1 << 15;

/// Writes zeros.
struct Zero {
    to: Shared,
    len: usize,
}

impl Stage for Zero {
    fn workspace(&self, isa: Isa) -> Workspace {
        Workspace::steps(4 * self.len / isa.lanes())
    }

    #[inline(always)]
    unsafe fn work<S: Tiled>(&self, worker: &Worker<'_>) {
        for task in worker.phase(self.len.div_ceil(CHUNK)) {
            let start = task * CHUNK;
            // SAFETY: the chunk lies inside the allocation.
            unsafe {
                self.to
                    .add(start)
                    .write_bytes(0, CHUNK.min(self.len - start));
            }
        }
    }
}

impl Engine {
    /// `len` zeros, written by all threads: on a fresh allocation most of the time goes into
    /// the system's handing out of pages.
    pub fn zeros(&self, len: usize) -> Vec<f32> {
        let mut values: Vec<f32> = Vec::with_capacity(len);
        let stage = Zero {
            to: Shared::at(values.as_mut_ptr()),
            len,
        };
        // SAFETY: the allocation has room for `len` values, and all are written.
        unsafe {
            self.run(&stage);
            values.set_len(len);
        }
        values
    }
}
