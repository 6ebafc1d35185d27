//! Whether this server should be sent requests.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// A worker that has not been heard of for so long hangs. Far longer than a batch takes.
const STALE: Duration = Duration::from_secs(15);

/// What the probes read.
#[derive(Debug)]
pub(crate) struct Health {
    began: Instant,
    draining: AtomicBool,
    workers: Vec<Worker>,
}

#[derive(Debug, Default)]
struct Worker {
    warm: AtomicBool,
    /// Milliseconds between the start of the server and the last sign of life.
    seen: AtomicU64,
}

/// Why a server should not be sent requests.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum NotReady {
    /// The model has not answered yet.
    Starting,
    /// A device does not answer any more.
    Hanging,
    /// The server was told to stop.
    Draining,
}

impl Health {
    pub(crate) fn new(workers: usize) -> Self {
        Self {
            began: Instant::now(),
            draining: AtomicBool::new(false),
            workers: (0..workers).map(|_| Worker::default()).collect(),
        }
    }

    /// A worker has answered for the first time.
    pub(crate) fn warm(&self, worker: usize) {
        self.beat(worker);
        self.workers[worker].warm.store(true, Ordering::Release);
    }

    /// A worker lives.
    pub(crate) fn beat(&self, worker: usize) {
        let now = self.began.elapsed().as_millis() as u64;
        self.workers[worker].seen.store(now, Ordering::Release);
    }

    /// The server was told to stop.
    pub(crate) fn drain(&self) {
        self.draining.store(true, Ordering::Release);
    }

    /// Whether the server was told to stop.
    pub(crate) fn is_draining(&self) -> bool {
        self.draining.load(Ordering::Acquire)
    }

    /// Whether every worker has answered once.
    pub(crate) fn is_warm(&self) -> bool {
        self.workers
            .iter()
            .all(|worker| worker.warm.load(Ordering::Acquire))
    }

    /// Whether requests are welcome, or why not.
    pub(crate) fn ready(&self) -> Result<(), NotReady> {
        self.ready_at(self.began.elapsed())
    }

    fn ready_at(&self, now: Duration) -> Result<(), NotReady> {
        let stale = |worker: &Worker| {
            let seen = Duration::from_millis(worker.seen.load(Ordering::Acquire));
            now.saturating_sub(seen) > STALE
        };
        if self.is_draining() {
            Err(NotReady::Draining)
        } else if !self.is_warm() {
            Err(NotReady::Starting)
        } else if self.workers.iter().any(stale) {
            Err(NotReady::Hanging)
        } else {
            Ok(())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ready_means_warm_alive_and_not_draining() {
        let health = Health::new(2);
        health.warm(0);
        assert_eq!(health.ready(), Err(NotReady::Starting));

        health.warm(1);
        assert_eq!(health.ready(), Ok(()));
        assert_eq!(
            health.ready_at(STALE + Duration::from_secs(5)),
            Err(NotReady::Hanging)
        );

        health.drain();
        assert_eq!(health.ready(), Err(NotReady::Draining));
    }
}
