//! What a team works through: one stage alone, or many in a row in a plan.

use crate::Engine;
use crate::isa::{Isa, Kernel, Tiled};
use crate::team::{Need, Worker};

/// A kernel with its addresses and sizes, ready to run on every thread.
pub(crate) trait Stage: Sync {
    /// Working memory.
    fn need(&self, isa: Isa) -> Need;

    /// Takes part. Implementations are `#[inline(always)]`.
    ///
    /// # Safety
    ///
    /// The instruction set is there, the addresses still fit the sizes, and the worker's memory
    /// is what [`need`](Self::need) asked for.
    unsafe fn work<S: Tiled>(&self, worker: &Worker<'_>);
}

impl Engine {
    /// Runs one stage.
    ///
    /// # Safety
    ///
    /// The stage's addresses fit its sizes.
    pub(crate) unsafe fn run(&self, stage: &impl Stage) {
        let isa = self.isa();
        self.team()
            .run(stage.need(isa), |worker| isa.run(Alone { stage, worker }));
    }
}

struct Alone<'a, T> {
    stage: &'a T,
    worker: &'a Worker<'a>,
}

impl<T: Stage> Kernel for Alone<'_, T> {
    #[inline(always)]
    unsafe fn run<S: Tiled>(self) {
        // SAFETY: `Engine::run` was promised the addresses and gave the memory.
        unsafe { self.stage.work::<S>(self.worker) }
    }
}
