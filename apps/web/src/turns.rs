//! Who has the processor: the network or the work around it.
//!
//! On a CPU both want every core. The network's threads meet after every layer, so one that has
//! lost its core to a decoder holds up all the others. Taking turns, both run at full speed.

use std::sync::{Condvar, Mutex, MutexGuard};
use std::time::{Duration, Instant};

/// How long the network waits for work on images at most: several times what a frame takes. A large
/// image takes longer, and then both share the cores.
const PATIENCE: Duration = Duration::from_millis(20);

/// Turns of the network and of image threads.
#[derive(Debug, Default)]
pub(crate) struct Turns {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct State {
    /// Image threads at work.
    images: usize,
    /// Image threads that wait for the network.
    waiting: usize,
    /// How many of them may begin although the network waits, for it was just its turn.
    admitted: usize,
    /// Networks that run.
    networks: usize,
    /// Networks that wait for nothing but the images at work.
    next: usize,
}

/// The turn of an image thread, until it is dropped.
#[derive(Debug)]
pub(crate) struct ImageTurn<'a>(&'a Turns);

/// The turn of a network, until it is dropped.
#[derive(Debug)]
pub(crate) struct NetworkTurn<'a>(&'a Turns);

impl Turns {
    /// Waits until no network runs or is next.
    pub(crate) fn image(&self) -> ImageTurn<'_> {
        let mut state = self.lock();
        state.waiting += 1;
        let mut state = self
            .changed
            .wait_while(state, |state| {
                state.networks > 0 || (state.next > 0 && state.admitted == 0)
            })
            .expect("nothing panics while it holds the turns");
        state.waiting -= 1;
        state.admitted = state.admitted.saturating_sub(1);
        state.images += 1;
        ImageTurn(self)
    }

    /// Waits until no image is worked on, and before that, as long as the batch is not full, until
    /// none waits; not longer than [`PATIENCE`].
    pub(crate) fn network(&self, batch_is_full: impl Fn() -> bool) -> NetworkTurn<'_> {
        let end = Instant::now() + PATIENCE;
        let state = self.lock();
        let state = self.wait_until(end, state, |state| {
            state.images + state.waiting == 0 || batch_is_full()
        });
        let mut state = state;
        state.next += 1;
        let mut state = self.wait_until(end, state, |state| state.images + state.admitted == 0);
        state.next -= 1;
        state.admitted = 0;
        state.networks += 1;
        NetworkTurn(self)
    }

    fn wait_until<'a>(
        &self,
        end: Instant,
        state: MutexGuard<'a, State>,
        done: impl Fn(&State) -> bool,
    ) -> MutexGuard<'a, State> {
        let rest = end.saturating_duration_since(Instant::now());
        let waited = self
            .changed
            .wait_timeout_while(state, rest, |state| !done(state));
        waited.expect("nothing panics while it holds the turns").0
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state
            .lock()
            .expect("nothing panics while it holds the turns")
    }
}

impl Drop for ImageTurn<'_> {
    fn drop(&mut self) {
        self.0.lock().images -= 1;
        self.0.changed.notify_all();
    }
}

impl Drop for NetworkTurn<'_> {
    fn drop(&mut self) {
        let mut state = self.0.lock();
        state.networks -= 1;
        state.admitted = state.waiting;
        drop(state);
        self.0.changed.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::thread::{scope, sleep};

    use super::*;

    const SHORT: Duration = Duration::from_millis(2);

    #[test]
    fn images_run_together_and_never_beside_the_network() {
        let (turns, images, most) = (Turns::default(), AtomicUsize::new(0), AtomicUsize::new(0));
        scope(|threads| {
            for _ in 0..4 {
                threads.spawn(|| {
                    for _ in 0..20 {
                        let _turn = turns.image();
                        let now = images.fetch_add(1, Ordering::SeqCst) + 1;
                        most.fetch_max(now, Ordering::SeqCst);
                        sleep(SHORT / 4);
                        images.fetch_sub(1, Ordering::SeqCst);
                    }
                });
            }
            for _ in 0..10 {
                let _turn = turns.network(|| true);
                assert_eq!(images.load(Ordering::SeqCst), 0);
                sleep(SHORT);
                assert_eq!(images.load(Ordering::SeqCst), 0);
            }
        });
        assert!(most.into_inner() > 1);
    }

    #[test]
    fn a_slow_image_does_not_hold_up_the_network_for_long() {
        let turns = Turns::default();
        let _slow = turns.image();
        let begin = Instant::now();

        let _network = turns.network(|| false);

        assert!(begin.elapsed() >= PATIENCE);
        assert!(begin.elapsed() < 50 * PATIENCE);
    }

    #[test]
    fn alone_the_network_does_not_wait() {
        let turns = Turns::default();
        let begin = Instant::now();

        drop(turns.network(|| false));
        drop(turns.image());

        assert!(begin.elapsed() < PATIENCE);
    }

    #[test]
    fn images_that_waited_for_the_network_come_before_its_next_turn() {
        let (turns, done) = (Turns::default(), AtomicUsize::new(0));
        scope(|threads| {
            let turn = turns.network(|| true);
            for _ in 0..3 {
                threads.spawn(|| {
                    let _turn = turns.image();
                    done.fetch_add(1, Ordering::SeqCst);
                });
            }
            while turns.lock().waiting < 3 {
                sleep(SHORT);
            }
            drop(turn);
            let _turn = turns.network(|| true);
            assert_eq!(done.load(Ordering::SeqCst), 3);
        });
    }
}
