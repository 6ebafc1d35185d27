//! One thread a device: takes what waits, runs the network, answers.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use nerveseg_model::RawPrediction;

use crate::app::App;
use crate::inference::queue::{BatchFailed, Job, Reply, Taken};

/// Most images that the network is prepared to take together.
pub(crate) const LARGEST_BATCH: usize = 8;

/// How often an idle worker shows that it lives.
const BEAT: Duration = Duration::from_secs(1);

/// Starts the worker of one device.
///
/// # Errors
///
/// Fails if the system has no thread left.
pub(crate) fn spawn(app: Arc<App>, device: usize) -> std::io::Result<JoinHandle<()>> {
    std::thread::Builder::new()
        .name(format!("device {device}"))
        .spawn(move || work(&app, device))
}

fn work(app: &App, device: usize) {
    // a device that cannot do this will say so to the first request, too
    if let Err(error) = app.model().warm_up(device) {
        tracing::error!(device, %error, "the device failed on its first image");
    }
    app.health.warm(device);
    loop {
        match app.queue.take(app.settings.batch, BEAT) {
            Taken::Closed => return,
            Taken::Batch { jobs, skipped } => {
                app.metrics.skipped.inc_by(skipped as u64);
                if !jobs.is_empty() {
                    answer(app, device, jobs);
                }
            }
        }
        app.health.beat(device);
    }
}

fn answer(app: &App, device: usize, jobs: Vec<Job>) {
    let begin = Instant::now();
    app.metrics.batch_size.observe(jobs.len() as f64);
    let model = Arc::clone(&jobs[0].model);
    let mut inputs = Vec::with_capacity(jobs.len());
    let mut waiting = Vec::with_capacity(jobs.len());
    for job in jobs {
        inputs.push(job.input);
        waiting.push((job.reply, begin - job.queued));
    }
    let predicted = predict(&model, device, &inputs);
    let network = begin.elapsed();
    app.metrics.stage("network").observe(network.as_secs_f64());
    let mut predicted = predicted.map(Vec::into_iter);
    for (reply, waited) in waiting {
        app.metrics.stage("queue").observe(waited.as_secs_f64());
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

/// A panic costs its batch and not the server.
fn predict(
    model: &crate::inference::model::Model,
    device: usize,
    inputs: &[ndarray::Array2<f32>],
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
