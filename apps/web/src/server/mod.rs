//! Builds the server on a socket that is already bound, and runs it.

mod reload;
mod shutdown;

use std::net::{SocketAddr, TcpListener};
use std::path::PathBuf;
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;

use actix_web::dev::{Server, ServerHandle};
use actix_web::middleware::from_fn;
use actix_web::web::Data;
use actix_web::{App, HttpServer};
use anyhow::Result;

use crate::inference::{Infer, Model};
use crate::intake::{Decoder, RateLimit, Uploads};
use crate::middleware::{access, headers, problems};
use crate::ops::health::Health;
use crate::ops::metrics::Metrics;
use crate::routes;
use crate::settings::Settings;
use reload::Reload;
use shutdown::Shutdown;

/// For the head of a request.
const HEAD_TIMEOUT: Duration = Duration::from_secs(5);
/// For the next request of a connection; longer than proxies keep theirs, so they close first.
const KEEP_ALIVE: Duration = Duration::from_secs(75);
/// Connections of one thread.
const CONNECTIONS: usize = 1024;

/// A server with its model, ready to run.
#[expect(
    missing_debug_implementations,
    reason = "the framework's server has none"
)]
pub struct WebServer {
    server: Server,
    address: SocketAddr,
    settings: Settings,
    infer: Arc<Infer>,
    health: Arc<Health>,
    metrics: Arc<Metrics>,
    workers: Vec<JoinHandle<()>>,
}

impl WebServer {
    /// Loads the model and prepares to listen. `program` is started for every DICOM with the
    /// hidden subcommand of this one.
    ///
    /// # Errors
    ///
    /// Fails on a bad model file, a device that is not there, and a socket that cannot be used.
    pub fn build(listener: TcpListener, settings: Settings, program: PathBuf) -> Result<Self> {
        let address = listener.local_addr()?;
        let model = Model::load(&settings)?;
        let health = Arc::new(Health::new(model.device_count()));
        let metrics = Arc::new(Metrics::new());
        let decoder = Arc::new(Decoder::new(program, &settings));
        let (infer, workers) = Infer::start(model, &decoder, &health, &metrics, &settings)?;
        let infer = Arc::new(infer);

        let uploads = Data::new(Uploads::new(&settings));
        let rate_limit = Data::new(RateLimit::new(&settings));
        let shared = (
            Data::from(decoder),
            Data::from(Arc::clone(&infer)),
            Data::from(Arc::clone(&health)),
            Data::from(Arc::clone(&metrics)),
        );
        let server = HttpServer::new(move || {
            let (decoder, infer, health, metrics) = shared.clone();
            // the last one is the outermost: what a request meets first
            App::new()
                .app_data(uploads.clone())
                .app_data(rate_limit.clone())
                .app_data(decoder)
                .app_data(infer)
                .app_data(health)
                .app_data(metrics)
                .configure(routes::configure)
                .wrap(from_fn(access))
                .wrap(from_fn(problems))
                .wrap(from_fn(headers))
        })
        .workers(settings.http_threads())
        .max_connections(CONNECTIONS)
        .client_request_timeout(HEAD_TIMEOUT)
        .keep_alive(KEEP_ALIVE)
        // a client that hangs up is not computed for
        .h1_allow_half_closed(false)
        .shutdown_timeout(settings.shutdown_seconds)
        .disable_signals()
        .listen(listener)?
        .run();
        Ok(Self {
            server,
            address,
            settings,
            infer,
            health,
            metrics,
            workers,
        })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Stops it from elsewhere.
    pub fn handle(&self) -> ServerHandle {
        self.server.handle()
    }

    /// The devices, for people.
    pub fn devices(&self) -> String {
        self.infer.model().devices()
    }

    /// Lets signals stop it and reload its model.
    ///
    /// # Errors
    ///
    /// Fails if the system takes no handlers.
    pub fn obey_signals(&self) -> Result<()> {
        let reload = Reload {
            settings: self.settings.clone(),
            infer: Arc::clone(&self.infer),
            metrics: Arc::clone(&self.metrics),
        };
        let shutdown = Shutdown {
            health: Arc::clone(&self.health),
            server: self.server.handle(),
            delay: Duration::from_secs_f64(self.settings.drain_seconds),
        };
        shutdown::listen(shutdown, reload)
    }

    /// Serves until it is stopped.
    ///
    /// # Errors
    ///
    /// Fails if the socket does.
    pub async fn run(self) -> Result<()> {
        let served = self.server.await;
        self.infer.close();
        for worker in self.workers {
            // a panic has been reported
            let _ = worker.join();
        }
        tracing::info!("stopped");
        Ok(served?)
    }
}
