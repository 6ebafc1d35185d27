//! From an upload to an answer: a place, a decoded frame, a device's turn, a finished mask.

use std::sync::{Arc, RwLock};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use actix_web::web::{self, Bytes};
use anyhow::{Context as _, Result, anyhow};
use nerveseg_data::{Frame, Region};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, oneshot};

use super::found::{Found, Options};
use super::model::Model;
use super::queue::{Answer, Job, Queue, Reply};
use super::worker::Worker;
use crate::error::WebError;
use crate::intake::{Decoder, Source};
use crate::ops::health::Health;
use crate::ops::metrics::Metrics;
use crate::settings::Settings;

/// Owns the model, the queue in front of its devices, and the permits of those who may wait.
#[derive(Debug)]
pub(crate) struct Infer {
    model: RwLock<Arc<Model>>,
    queue: Arc<Queue>,
    /// One for each request that is worked on.
    places: Arc<Semaphore>,
    /// One for each processor that works on images.
    processors: Arc<Semaphore>,
    deadline: Duration,
    decoder: Arc<Decoder>,
    metrics: Arc<Metrics>,
}

impl Infer {
    /// Starts a worker for each device of the model. They end after [`close`](Self::close).
    ///
    /// # Errors
    ///
    /// Fails if the system has no thread left.
    pub(crate) fn start(
        model: Model,
        decoder: &Arc<Decoder>,
        health: &Arc<Health>,
        metrics: &Arc<Metrics>,
        settings: &Settings,
    ) -> Result<(Self, Vec<JoinHandle<()>>)> {
        let semaphore = |permits| Arc::new(Semaphore::new(permits));
        let model = Arc::new(model);
        let queue = Arc::new(Queue::new(settings.queue));
        let start = |device| {
            let worker = Worker {
                device,
                queue: Arc::clone(&queue),
                health: Arc::clone(health),
                metrics: Arc::clone(metrics),
                batch: settings.batch,
            };
            worker.start(Arc::clone(&model))
        };
        let workers = (0..model.device_count())
            .map(start)
            .collect::<Result<_, _>>()
            .context("cannot start a thread")?;
        metrics.model(&model.name, &model.manifest().sha256, &model.devices());
        let infer = Self {
            model: RwLock::new(model),
            queue,
            places: semaphore(settings.queue),
            processors: semaphore(settings.image_threads()),
            deadline: settings.deadline(),
            decoder: Arc::clone(decoder),
            metrics: Arc::clone(metrics),
        };
        Ok((infer, workers))
    }

    /// The model that serves now. A request keeps the one that it began with.
    pub(crate) fn model(&self) -> Arc<Model> {
        Arc::clone(&self.model.read().expect("nothing panics while it swaps"))
    }

    /// Serves another model from now on.
    pub(crate) fn swap(&self, model: Model) {
        self.metrics
            .model(&model.name, &model.manifest().sha256, &model.devices());
        *self.model.write().expect("nothing panics while it swaps") = Arc::new(model);
    }

    /// How many frames wait for a device.
    pub(crate) fn depth(&self) -> usize {
        self.queue.depth()
    }

    /// Lets the workers finish what waits and then end.
    pub(crate) fn close(&self) {
        self.queue.close();
    }

    /// Segments one frame of an upload and paints the answer.
    ///
    /// # Errors
    ///
    /// The upload is refused, the server is full, or the answer would come too late.
    pub(crate) async fn segment<T: Send + 'static>(
        self: &Arc<Self>,
        bytes: Bytes,
        options: Options,
        paint: impl FnOnce(&Found) -> T + Send + 'static,
    ) -> Result<T, WebError> {
        let begin = Instant::now();
        let _place = self.enter()?;
        self.in_time(async {
            let source = self.decoder.open(bytes, options.pick).await?;
            self.look(source, options, begin, paint).await
        })
        .await
    }

    /// Segments a frame that is decoded already.
    ///
    /// # Errors
    ///
    /// As [`segment`](Self::segment).
    pub(crate) async fn segment_frame<T: Send + 'static>(
        self: &Arc<Self>,
        frame: Frame,
        paint: impl FnOnce(&Found) -> T + Send + 'static,
    ) -> Result<T, WebError> {
        let begin = Instant::now();
        let _place = self.enter()?;
        let source = Source::Frame(frame);
        self.in_time(self.look(source, Options::default(), begin, paint))
            .await
    }

    /// Runs work that takes a processor, off the threads that speak HTTP.
    ///
    /// # Errors
    ///
    /// The work panicked.
    pub(crate) async fn compute<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, WebError> {
        let permit = Arc::clone(&self.processors).acquire_owned().await;
        let permit = permit.expect("this semaphore is never closed");
        let work = move || {
            // held by the work and not by the request, which may be gone before the work ends
            let _permit = permit;
            work()
        };
        web::block(work)
            .await
            .map_err(|_| WebError::Internal(anyhow!("work on an image panicked")))
    }

    /// A place among the requests that are worked on, or 503 at once.
    fn enter(&self) -> Result<OwnedSemaphorePermit, WebError> {
        Arc::clone(&self.places)
            .try_acquire_owned()
            .map_err(|_| WebError::Busy)
    }

    async fn in_time<T>(
        &self,
        work: impl Future<Output = Result<T, WebError>>,
    ) -> Result<T, WebError> {
        tokio::time::timeout(self.deadline, work)
            .await
            .unwrap_or(Err(WebError::Late(self.deadline)))
    }

    async fn look<T: Send + 'static>(
        self: &Arc<Self>,
        source: Source,
        options: Options,
        begin: Instant,
        paint: impl FnOnce(&Found) -> T + Send + 'static,
    ) -> Result<T, WebError> {
        let model = self.model();
        let this = Arc::clone(self);
        let serving = Arc::clone(&model);
        let Enqueued {
            frame,
            shown,
            decode,
            answer,
        } = self
            .compute(move || this.enqueue(source, serving, begin))
            .await??;
        // a closed channel: the worker skipped it because its deadline has passed
        let reply = answer.await.map_err(|_| WebError::Late(self.deadline))?;
        let Reply {
            raw,
            waited,
            network,
        } = reply.map_err(|failed| WebError::Internal(anyhow!(failed)))?;

        let metrics = Arc::clone(&self.metrics);
        self.compute(move || {
            let finish = Instant::now();
            let threshold = options.threshold;
            let found = Found {
                segmentation: model.finish(&raw, &frame, shown, threshold),
                threshold: threshold.unwrap_or(model.manifest().postprocess.threshold),
                frame,
                model,
                begin,
                decode,
                waited,
                network,
            };
            let painted = paint(&found);
            metrics.state(found.segmentation.presence_state.name());
            metrics
                .stage("finish")
                .observe(finish.elapsed().as_secs_f64());
            painted
        })
        .await
    }

    /// Decodes a frame and lets it wait for a device.
    fn enqueue(
        &self,
        source: Source,
        model: Arc<Model>,
        begin: Instant,
    ) -> Result<Enqueued, WebError> {
        let frame = self.decoder.frame(source)?;
        let shown = frame.shown();
        let input = model.prepare(&shown.cut(&frame.pixels));
        let input = input.map_err(|error| WebError::Internal(error.into()))?;
        let decode = begin.elapsed();
        self.metrics.stage("decode").observe(decode.as_secs_f64());
        let (reply, answer) = oneshot::channel();
        let job = Job {
            model,
            input,
            deadline: begin + self.deadline,
            queued: Instant::now(),
            reply,
        };
        self.queue.push(job).map_err(|_| WebError::Busy)?;
        Ok(Enqueued {
            frame,
            shown,
            decode,
            answer,
        })
    }
}

/// A frame whose turn will come.
struct Enqueued {
    frame: Frame,
    /// The part of it that the network looks at.
    shown: Region,
    /// The time up to here.
    decode: Duration,
    /// Where the answer will come out.
    answer: Answer,
}
