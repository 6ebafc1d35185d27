//! What a team works through: one stage alone, or many in a row in a plan.

use crate::Engine;
use crate::isa::{Isa, Kernel};
use crate::team::{Worker, Workspace};
use crate::tile::Tiled;

/// A kernel with its addresses and sizes, ready to run on every thread.
pub(crate) trait Stage: Sync {
    /// Working memory.
    fn workspace(&self, isa: Isa) -> Workspace;

    /// Takes part. Implementations are `#[inline(always)]`.
    ///
    /// # Safety
    ///
    /// The instruction set is there, the addresses still fit the sizes, and the worker's memory
    /// is what [`workspace`](Self::workspace) asked for.
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
        self.team().run(stage.workspace(isa), |worker| {
            isa.run(Alone { stage, worker });
        });
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
