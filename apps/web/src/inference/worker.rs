//! One thread a device: takes what waits, runs the network, answers.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use ndarray::Array2;
use nerveseg_model::RawPrediction;

use super::model::Model;
use super::queue::{BatchFailed, Job, Queue, Reply, Taken};
use crate::ops::health::Health;
use crate::ops::metrics::Metrics;

/// How often an idle worker shows that it lives.
const BEAT: Duration = Duration::from_secs(1);

/// The worker of one device.
#[derive(Debug)]
pub(super) struct Worker {
    pub(super) device: usize,
    pub(super) queue: Arc<Queue>,
    pub(super) health: Arc<Health>,
    pub(super) metrics: Arc<Metrics>,
    /// Most images that go through the network together.
    pub(super) batch: usize,
}

impl Worker {
    /// Starts its thread, which warms the device up with `model` and works until the queue closes.
    ///
    /// # Errors
    ///
    /// Fails if the system has no thread left.
    pub(super) fn start(self, model: Arc<Model>) -> std::io::Result<JoinHandle<()>> {
        std::thread::Builder::new()
            .name(format!("device {}", self.device))
            .spawn(move || {
                let device = self.device;
                // a device that cannot do this will say so to the first request, too
                if let Err(error) = model.warm_up(device) {
                    tracing::error!(device, %error, "the device failed on its first image");
                }
                // not kept: a reload frees it
                drop(model);
                self.health.warm(device);
                self.work();
            })
    }

    fn work(&self) {
        loop {
            match self.queue.take(self.batch, BEAT) {
                Taken::Closed => return,
                Taken::Batch { jobs, skipped } => {
                    self.metrics.skipped.inc_by(skipped as u64);
                    if !jobs.is_empty() {
                        self.answer(jobs);
                    }
                }
            }
            self.health.beat(self.device);
        }
    }

    fn answer(&self, jobs: Vec<Job>) {
        let begin = Instant::now();
        self.metrics.batch_size.observe(jobs.len() as f64);
        let model = Arc::clone(&jobs[0].model);
        let mut inputs = Vec::with_capacity(jobs.len());
        let mut waiting = Vec::with_capacity(jobs.len());
        for job in jobs {
            inputs.push(job.input);
            waiting.push((job.reply, begin - job.queued));
        }
        let predicted = predict(&model, self.device, &inputs);
        let network = begin.elapsed();
        self.metrics.stage("network").observe(network.as_secs_f64());
        let mut predicted = predicted.map(Vec::into_iter);
        for (reply, waited) in waiting {
            self.metrics.stage("queue").observe(waited.as_secs_f64());
            let answer = match &mut predicted {
                Ok(raw) => Ok(Reply {
                    raw: raw.next().expect("one prediction an image"),
                    waited,
                    network,
                }),
                Err(failed) => Err(*failed),
            };
            // an error means that the client has gone meanwhile
            let _ = reply.send(answer);
        }
    }
}

/// A panic costs its batch and not the server.
fn predict(
    model: &Model,
    device: usize,
    inputs: &[Array2<f32>],
) -> Result<Vec<RawPrediction>, BatchFailed> {
    let predicted = catch_unwind(AssertUnwindSafe(|| model.predict(device, inputs)));
    match predicted {
        Ok(Ok(raw)) => Ok(raw),
        Ok(Err(error)) => {
            tracing::error!(device, %error, "a batch failed");
            Err(BatchFailed)
        }
        Err(_) => {
            tracing::error!(device, "a batch panicked");
            Err(BatchFailed)
        }
    }
}
