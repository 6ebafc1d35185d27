//! Tasks drawn from one counter, and the barrier at the end of a phase.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

/// Spins before a waiting thread lets others run.
const PATIENCE: u32 = 256;

/// A counter alone on its cache line.
#[derive(Default)]
#[repr(align(128))]
struct Lone(AtomicUsize);

/// Where threads draw tasks, and wait for each other at the end of a phase.
pub(super) struct Barrier {
    pub(super) threads: usize,
    /// Next task of an even and of an odd phase.
    next: [Lone; 2],
    arrived: Lone,
    /// How often all threads have met.
    held: Lone,
    broken: AtomicBool,
}

impl Barrier {
    pub(super) fn new(threads: usize) -> Self {
        Self {
            threads,
            next: <[Lone; 2]>::default(),
            arrived: Lone::default(),
            held: Lone::default(),
            broken: AtomicBool::new(false),
        }
    }

    /// Waits until every thread has come; the last one resets the phase's counter, which nobody
    /// looks at before the phase after the next.
    fn wait(&self, counter: usize) {
        let held = self.held.0.load(Ordering::Relaxed);
        if self.arrived.0.fetch_add(1, Ordering::AcqRel) + 1 == self.threads {
            self.arrived.0.store(0, Ordering::Relaxed);
            self.next[counter].0.store(0, Ordering::Relaxed);
            self.held.0.store(held + 1, Ordering::Release);
            return;
        }
        let mut spins = 0_u32;
        while self.held.0.load(Ordering::Acquire) == held {
            assert!(
                !self.broken.load(Ordering::Relaxed),
                "another thread of this kernel panicked"
            );
            spins += 1;
            if spins < PATIENCE {
                std::hint::spin_loop();
            } else {
                std::thread::yield_now();
            }
        }
    }
}

/// Tells the others when a thread panics, so that they do not wait for it forever.
pub(super) struct Alarm<'a>(pub(super) &'a Barrier);

impl Drop for Alarm<'_> {
    fn drop(&mut self) {
        self.0.broken.store(true, Ordering::Relaxed);
    }
}

/// The tasks of one phase, as one thread comes to them.
pub(crate) struct Tasks<'a> {
    pub(super) barrier: &'a Barrier,
    pub(super) counter: usize,
    pub(super) count: usize,
}

impl Iterator for Tasks<'_> {
    type Item = usize;

    #[inline(always)]
    fn next(&mut self) -> Option<usize> {
        let task = self.barrier.next[self.counter]
            .0
            .fetch_add(1, Ordering::Relaxed);
        if task < self.count {
            return Some(task);
        }
        self.barrier.wait(self.counter);
        None
    }
}
