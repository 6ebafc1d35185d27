//! The work that measures what the machine can do at most. Whoever holds a clock times it: the
//! program's `bench`. It lies here because it runs the kernels' own register tile.

use crate::Engine;
use crate::isa::Isa;
use crate::stage::Stage;
use crate::team::{Worker, Workspace};
use crate::tile::{Tile, Tiled, Walk};

/// Steps of one register tile; its operands stay in the first-level cache.
const DEPTH: usize = 128;
const REPEATS: usize = 2000;

/// Register tiles, one after the other, on every thread.
struct Peak;

impl Stage for Peak {
    fn workspace(&self, isa: Isa) -> Workspace {
        Workspace {
            steps: usize::MAX,
            shared: 0,
            // A, B and C of the largest tile
            private: (16 + isa.columns()) * DEPTH * isa.lanes(),
        }
    }

    #[inline(always)]
    unsafe fn work<S: Tiled>(&self, worker: &Worker<'_>) {
        let a = worker.private();
        // SAFETY: `workspace` asked for room for 16 rows of `DEPTH` and columns of as many vectors.
        unsafe {
            let b = a.add(16 * DEPTH);
            let c = b.add(S::COLUMNS * DEPTH * S::LANES);
            let tile = Tile {
                a,
                offsets: std::ptr::null(),
                run_step: S::ROWS * S::LANES,
                runs: DEPTH / S::LANES,
                depth: S::LANES,
                b,
                b_step: S::COLUMNS * S::LANES,
                b_column: S::LANES,
                bias: std::ptr::null(),
                c,
                c_row: S::COLUMNS * S::LANES,
                c_column: S::LANES,
                accumulate: false,
                relu: false,
            };
            for _ in worker.phase(worker.threads()) {
                for _ in 0..REPEATS {
                    S::tile(Walk::Pixels, S::ROWS, S::COLUMNS)(&tile);
                }
            }
        }
    }
}

impl Engine {
    /// Multiplies and adds in registers on every thread, for a few milliseconds, and
    /// returns how many multiplications and additions that took. Timed, it gives the most that the
    /// machine can do.
    pub fn peak_work(&self) -> f64 {
        // SAFETY: the stage has no addresses of its own.
        unsafe { self.run(&Peak) };
        let (rows, columns) = self.isa().register_tile();
        let flops = 2 * rows * columns * self.isa().lanes() * DEPTH * REPEATS;
        (flops * self.team().threads()) as f64
    }
}
