//! Threads that work through one kernel together.
//!
//! A kernel is a sequence of phases; all threads run the same code and draw the tasks of a phase
//! from one counter. Between two phases they wait for each other, spinning: a phase lasts
//! microseconds, and going to sleep would cost more than it.

mod barrier;
mod pool;
mod workspace;

use std::cell::Cell;
use std::fmt;
use std::sync::{Mutex, PoisonError};

use crate::KernelError;
use crate::buffer::Buffer;
use crate::shared::Shared;
use barrier::{Alarm, Barrier, Tasks};
use pool::Pool;
pub(crate) use workspace::Workspace;

/// A fixed number of threads with their working memory.
///
/// One kernel runs at a time: callers from several threads take turns, so that the processor is
/// never oversubscribed.
pub struct Team {
    pool: Option<Pool>,
    threads: usize,
    memory: Mutex<Memory>,
}

#[derive(Default)]
struct Memory {
    shared: Buffer,
    private: Vec<Buffer>,
}

/// Vector operations that one thread has done by the time the others are awake.
const FEW: usize = 1 << 14;

impl Team {
    /// Starts `threads` threads; 0 means one for every core, and one in a build without the feature
    /// `threads`.
    ///
    /// # Errors
    ///
    /// [`KernelError::Threads`] if the system refuses, or the build.
    pub fn new(threads: usize) -> Result<Self, KernelError> {
        let threads = match threads {
            0 if cfg!(not(feature = "threads")) => 1,
            0 => std::thread::available_parallelism().map_or(1, usize::from),
            given => given,
        };
        let pool = match threads {
            1 => None,
            _ => Some(Pool::new(threads)?),
        };
        Ok(Self {
            pool,
            threads,
            memory: Mutex::default(),
        })
    }

    /// How many threads there are.
    pub fn threads(&self) -> usize {
        self.threads
    }

    /// Runs `body` on every thread and returns when all have.
    pub(crate) fn run(&self, workspace: Workspace, body: impl Fn(&Worker<'_>) + Sync) {
        // a poisoned lock means that a kernel panicked: its scratch memory holds no state
        let mut memory = self.memory.lock().unwrap_or_else(PoisonError::into_inner);
        memory.prepare(workspace, self.threads);
        let shared = Shared::write(memory.shared.as_mut_slice());
        let private: Vec<Shared> = memory
            .private
            .iter_mut()
            .map(|buffer| Shared::write(buffer.as_mut_slice()))
            .collect();
        let pool = self.pool.as_ref().filter(|_| workspace.steps >= FEW);
        let barrier = Barrier::new(if pool.is_some() { self.threads } else { 1 });
        let enter = |index: usize| {
            let worker = Worker {
                phase: Cell::new(0),
                barrier: &barrier,
                shared: shared.get(),
                private: private[index].get(),
            };
            let alarm = Alarm(&barrier);
            body(&worker);
            std::mem::forget(alarm);
        };
        match pool {
            None => enter(0),
            Some(pool) => pool.broadcast(enter),
        }
    }
}

impl fmt::Debug for Team {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Team")
            .field("threads", &self.threads)
            .finish_non_exhaustive()
    }
}

impl Memory {
    fn prepare(&mut self, workspace: Workspace, threads: usize) {
        if self.shared.as_slice().len() < workspace.shared {
            self.shared.resize(workspace.shared);
        }
        self.private.resize_with(threads, Buffer::default);
        for buffer in &mut self.private {
            if buffer.as_slice().len() < workspace.private {
                buffer.resize(workspace.private);
            }
        }
    }
}

/// One thread's view of a running kernel.
pub(crate) struct Worker<'a> {
    phase: Cell<usize>,
    barrier: &'a Barrier,
    shared: *mut f32,
    private: *mut f32,
}

impl Worker<'_> {
    /// Number of threads.
    pub(crate) fn threads(&self) -> usize {
        self.barrier.threads
    }

    /// Memory seen by all threads.
    pub(crate) fn shared(&self) -> *mut f32 {
        self.shared
    }

    /// Memory of this thread.
    pub(crate) fn private(&self) -> *mut f32 {
        self.private
    }

    /// One phase: this thread's tasks out of `0..tasks`, as it comes to them. The iterator ends
    /// when every thread is through, so it has to be driven to its end.
    #[inline(always)]
    pub(crate) fn phase(&self, tasks: usize) -> Tasks<'_> {
        let phase = self.phase.get();
        self.phase.set(phase + 1);
        Tasks {
            barrier: self.barrier,
            counter: phase % 2,
            count: tasks,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU64, Ordering};

    use super::*;

    #[test]
    fn every_task_is_done_once_and_phases_are_in_order() {
        for threads in [1, 2, 3, 5] {
            let team = Team::new(threads).unwrap();
            let done: Vec<AtomicU64> = (0..100).map(|_| AtomicU64::new(0)).collect();

            team.run(Workspace::steps(usize::MAX), |worker| {
                for phase in 0..20_u64 {
                    for task in worker.phase(100) {
                        let before = done[task].fetch_add(1, Ordering::Relaxed);
                        assert_eq!(before, phase);
                    }
                    assert!(
                        done.iter()
                            .all(|count| count.load(Ordering::Relaxed) > phase)
                    );
                }
            });

            assert!(done.iter().all(|count| count.load(Ordering::Relaxed) == 20));
        }
    }

    #[test]
    fn callers_take_turns() {
        let team = Team::new(2).unwrap();
        let inside = AtomicU64::new(0);

        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    for _ in 0..50 {
                        team.run(Workspace::steps(usize::MAX), |worker| {
                            let most = inside.fetch_add(1, Ordering::SeqCst);
                            assert!(most < 2, "two kernels ran at once");
                            for _ in worker.phase(2) {}
                            inside.fetch_sub(1, Ordering::SeqCst);
                            for _ in worker.phase(2) {}
                        });
                    }
                });
            }
        });
    }

    #[test]
    fn a_panic_ends_the_kernel_and_not_the_team() {
        let team = Team::new(3).unwrap();

        let result = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            team.run(Workspace::steps(usize::MAX), |worker| {
                for task in worker.phase(3) {
                    assert!(task != 1, "on purpose");
                }
            });
        }));

        assert!(result.is_err());
        team.run(
            Workspace::steps(usize::MAX),
            |worker| for _ in worker.phase(3) {},
        );
    }
}
