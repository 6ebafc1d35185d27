//! What waits for a device: bounded, first come first served, taken in batches of one model.

use std::collections::VecDeque;
use std::sync::{Arc, Condvar, Mutex, MutexGuard};
use std::time::{Duration, Instant};

use ndarray::Array2;
use nerveseg_model::RawPrediction;
use tokio::sync::oneshot;

use super::model::Model;

/// One image on its way through the network.
#[derive(Debug)]
pub(super) struct Job {
    /// The model that `input` was made for; a reload must not mix two.
    pub(super) model: Arc<Model>,
    /// What [`Model::prepare`] made of the image.
    pub(super) input: Array2<f32>,
    /// When nobody waits for the answer any more.
    pub(super) deadline: Instant,
    /// When it began to wait.
    pub(super) queued: Instant,
    /// Where the answer goes; closed when the client has gone.
    pub(super) reply: oneshot::Sender<Result<Reply, BatchFailed>>,
}

/// What the network said, and how long it took.
#[derive(Debug)]
pub(super) struct Reply {
    pub(super) raw: RawPrediction,
    pub(super) waited: Duration,
    pub(super) network: Duration,
}

/// Where the answer to a job comes out.
pub(super) type Answer = oneshot::Receiver<Result<Reply, BatchFailed>>;

/// The device failed; the reason is in the log.
#[derive(Clone, Copy, Debug, thiserror::Error)]
#[error("the device failed")]
pub(super) struct BatchFailed;

/// Jobs in order of arrival.
#[derive(Debug)]
pub(super) struct Queue {
    state: Mutex<State>,
    changed: Condvar,
    capacity: usize,
}

#[derive(Debug, Default)]
struct State {
    jobs: VecDeque<Job>,
    closed: bool,
}

/// What [`Queue::take`] found.
#[derive(Debug)]
pub(super) enum Taken {
    /// Jobs of one model, and how many were skipped because nobody waits for them.
    Batch { jobs: Vec<Job>, skipped: usize },
    /// The queue is closed and empty.
    Closed,
}

impl Queue {
    pub(super) fn new(capacity: usize) -> Self {
        Self {
            state: Mutex::default(),
            changed: Condvar::new(),
            capacity,
        }
    }

    /// Appends a job, or hands it back if the queue is full or closed.
    pub(super) fn push(&self, job: Job) -> Result<(), Box<Job>> {
        let mut state = self.lock();
        if state.closed || state.jobs.len() >= self.capacity {
            return Err(Box::new(job));
        }
        state.jobs.push_back(job);
        drop(state);
        self.changed.notify_one();
        Ok(())
    }

    /// Takes up to `most` jobs that wait and are of one model; waits at most `patience` for one.
    pub(super) fn take(&self, most: usize, patience: Duration) -> Taken {
        let state = self.lock();
        let (mut state, _) = self
            .changed
            .wait_timeout_while(state, patience, |state| {
                state.jobs.is_empty() && !state.closed
            })
            .expect("nothing panics while it holds the queue");
        if state.closed && state.jobs.is_empty() {
            return Taken::Closed;
        }
        let now = Instant::now();
        let (mut jobs, mut skipped) = (Vec::<Job>::new(), 0);
        while jobs.len() < most
            && let Some(job) = state.jobs.pop_front()
        {
            if job.reply.is_closed() || job.deadline <= now {
                skipped += 1;
            } else if jobs
                .first()
                .is_none_or(|first| Arc::ptr_eq(&first.model, &job.model))
            {
                jobs.push(job);
            } else {
                state.jobs.push_front(job);
                break;
            }
        }
        Taken::Batch { jobs, skipped }
    }

    /// How many jobs wait.
    pub(super) fn depth(&self) -> usize {
        self.lock().jobs.len()
    }

    /// Lets the workers finish what waits and then end.
    pub(super) fn close(&self) {
        self.lock().closed = true;
        self.changed.notify_all();
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state
            .lock()
            .expect("nothing panics while it holds the queue")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn job(model: &Arc<Model>, number: f32) -> (Job, Answer) {
        let (reply, answer) = oneshot::channel();
        let now = Instant::now();
        let job = Job {
            model: Arc::clone(model),
            input: Array2::from_elem((1, 1), number),
            deadline: now + Duration::from_mins(1),
            queued: now,
            reply,
        };
        (job, answer)
    }

    fn take(queue: &Queue) -> (Vec<f32>, usize) {
        match queue.take(3, Duration::ZERO) {
            Taken::Batch { jobs, skipped } => {
                (jobs.iter().map(|job| job.input[[0, 0]]).collect(), skipped)
            }
            Taken::Closed => panic!("closed"),
        }
    }

    #[test]
    fn a_batch_is_what_waits_up_to_the_largest() {
        let (queue, model) = (Queue::new(9), Arc::new(Model::empty()));
        let answers: Vec<Answer> = (0..5)
            .map(|number| {
                let (job, answer) = job(&model, number as f32);
                queue.push(job).unwrap();
                answer
            })
            .collect();

        assert_eq!(take(&queue), (vec![0.0, 1.0, 2.0], 0));
        assert_eq!(queue.depth(), 2);
        assert_eq!(take(&queue), (vec![3.0, 4.0], 0));
        assert_eq!(take(&queue), (vec![], 0));
        drop(answers);
    }

    #[test]
    fn jobs_that_nobody_waits_for_are_skipped() {
        let (queue, model) = (Queue::new(9), Arc::new(Model::empty()));
        let (gone, answer) = job(&model, 0.0);
        drop(answer);
        let (mut late, _late) = job(&model, 1.0);
        late.deadline = Instant::now();
        let (kept, _kept) = job(&model, 2.0);
        for job in [gone, late, kept] {
            queue.push(job).unwrap();
        }

        assert_eq!(take(&queue), (vec![2.0], 2));
    }

    #[test]
    fn a_batch_never_mixes_two_models() {
        let queue = Queue::new(9);
        let (old, new) = (Arc::new(Model::empty()), Arc::new(Model::empty()));
        let (a, _a) = job(&old, 0.0);
        let (b, _b) = job(&new, 1.0);
        let (c, _c) = job(&new, 2.0);
        for job in [a, b, c] {
            queue.push(job).unwrap();
        }

        assert_eq!(take(&queue), (vec![0.0], 0));
        assert_eq!(take(&queue), (vec![1.0, 2.0], 0));
    }

    #[test]
    fn a_full_or_closed_queue_takes_no_more() {
        let (queue, model) = (Queue::new(1), Arc::new(Model::empty()));
        let (first, _first) = job(&model, 0.0);
        let (second, _second) = job(&model, 1.0);
        queue.push(first).unwrap();

        let second = queue.push(second).unwrap_err();
        queue.close();
        take(&queue);

        queue.push(*second).unwrap_err();
        assert!(matches!(
            queue.take(1, Duration::from_mins(1)),
            Taken::Closed
        ));
    }
}
