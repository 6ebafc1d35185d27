//! The threads of a team of several.

use crate::KernelError;

/// Threads that can run one function all at once.
#[cfg(feature = "threads")]
pub(super) struct Pool(rayon::ThreadPool);

#[cfg(feature = "threads")]
impl Pool {
    pub(super) fn new(threads: usize) -> Result<Self, KernelError> {
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(threads)
            .thread_name(|index| format!("kernels-{index}"))
            .build();
        pool.map(Self).map_err(|source| KernelError::Threads {
            threads,
            source: source.into(),
        })
    }

    /// Runs `enter` with its number on every thread and returns when all have.
    pub(super) fn broadcast(&self, enter: impl Fn(usize) + Sync) {
        let broadcast = || self.0.broadcast(|context| enter(context.index()));
        if rayon::current_thread_index().is_none() {
            broadcast();
            return;
        }
        // While it waits, a thread of a pool takes up other tasks of that pool. One that calls a
        // kernel would lock the team's memory a second time: let a plain thread wait.
        let result = std::thread::scope(|scope| scope.spawn(broadcast).join());
        if let Err(panic) = result {
            std::panic::resume_unwind(panic);
        }
    }
}

/// A build without threads has no pool.
#[cfg(not(feature = "threads"))]
pub(super) enum Pool {}

#[cfg(not(feature = "threads"))]
impl Pool {
    pub(super) fn new(threads: usize) -> Result<Self, KernelError> {
        Err(KernelError::Threads {
            threads,
            source: "this build needs the cargo feature `threads` for more than one".into(),
        })
    }

    pub(super) fn broadcast(&self, _enter: impl Fn(usize) + Sync) {
        match *self {}
    }
}
