//! What all requests share.

use std::path::PathBuf;
use std::sync::{Arc, RwLock};

use actix_web::web;
use anyhow::anyhow;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::Settings;
use crate::error::WebError;
use crate::inference::model::Model;
use crate::inference::queue::Queue;
use crate::intake::sandbox::Sandbox;
use crate::middleware::RateLimit;
use crate::ops::health::Health;
use crate::ops::metrics::Metrics;

/// Bytes that one permit of [`App::uploads`] stands for.
pub(crate) const UPLOAD_UNIT: usize = 1024;

/// What all requests share.
#[derive(Debug)]
pub(crate) struct App {
    pub(crate) settings: Settings,
    pub(crate) queue: Queue,
    pub(crate) health: Health,
    pub(crate) metrics: Metrics,
    pub(crate) sandbox: Sandbox,
    pub(crate) rate_limit: Option<RateLimit>,
    /// Memory for uploads, in units of [`UPLOAD_UNIT`].
    pub(crate) uploads: Arc<Semaphore>,
    model: RwLock<Arc<Model>>,
    places: Arc<Semaphore>,
    image_threads: Arc<Semaphore>,
}

impl App {
    /// `program` is started for every DICOM.
    pub(crate) fn new(settings: Settings, model: Model, program: PathBuf) -> Self {
        let semaphore = |permits| Arc::new(Semaphore::new(permits));
        let app = Self {
            queue: Queue::new(settings.queue),
            health: Health::new(model.device_count()),
            metrics: Metrics::new(),
            sandbox: Sandbox::new(program, &settings),
            rate_limit: RateLimit::new(&settings),
            uploads: semaphore(settings.upload_memory() / UPLOAD_UNIT),
            model: RwLock::new(Arc::new(model)),
            places: semaphore(settings.queue),
            image_threads: semaphore(settings.image_threads()),
            settings,
        };
        app.name_model();
        app
    }

    /// The model that serves now. A request keeps the one that it began with.
    pub(crate) fn model(&self) -> Arc<Model> {
        Arc::clone(&self.model.read().expect("nothing panics while it swaps"))
    }

    /// Serves another model from now on.
    pub(crate) fn swap(&self, model: Model) {
        *self.model.write().expect("nothing panics while it swaps") = Arc::new(model);
        self.name_model();
    }

    fn name_model(&self) {
        let model = self.model();
        self.metrics
            .model(&model.name, &model.manifest().sha256, &model.devices());
    }

    /// A place among the requests that are worked on, or 503 at once.
    pub(crate) fn enter(&self) -> Result<OwnedSemaphorePermit, WebError> {
        Arc::clone(&self.places)
            .try_acquire_owned()
            .map_err(|_| WebError::Busy)
    }

    /// Runs work that takes a processor, off the threads that speak HTTP.
    pub(crate) async fn compute<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, WebError> {
        let permit = Arc::clone(&self.image_threads).acquire_owned().await;
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
}
