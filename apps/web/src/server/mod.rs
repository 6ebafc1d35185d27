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
use actix_web::{App as HttpApp, HttpServer, web};
use anyhow::{Context as _, Result};

use crate::app::App;
use crate::inference::model::Model;
use crate::inference::worker;
use crate::middleware::{access, headers, problems};
use crate::{Settings, routes};

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
    app: Arc<App>,
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
        let devices = model.device_count();
        let app = Arc::new(App::new(settings, model, program));
        let workers = (0..devices)
            .map(|device| worker::spawn(Arc::clone(&app), device))
            .collect::<Result<_, _>>()
            .context("cannot start a thread")?;
        let data = web::Data::from(Arc::clone(&app));
        let server = HttpServer::new(move || {
            // the last one is the outermost: what a request meets first
            HttpApp::new()
                .app_data(data.clone())
                .configure(routes::configure)
                .wrap(from_fn(access))
                .wrap(from_fn(problems))
                .wrap(from_fn(headers))
        })
        .workers(app.settings.http_threads())
        .max_connections(CONNECTIONS)
        .client_request_timeout(HEAD_TIMEOUT)
        .keep_alive(KEEP_ALIVE)
        // a client that hangs up is not computed for
        .h1_allow_half_closed(false)
        .shutdown_timeout(app.settings.shutdown_seconds)
        .disable_signals()
        .listen(listener)?
        .run();
        Ok(Self {
            server,
            address,
            app,
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
        self.app.model().devices()
    }

    /// Lets signals stop it and reload its model.
    ///
    /// # Errors
    ///
    /// Fails if the system takes no handlers.
    pub fn obey_signals(&self) -> Result<()> {
        shutdown::listen(Arc::clone(&self.app), self.server.handle())
    }

    /// Serves until it is stopped.
    ///
    /// # Errors
    ///
    /// Fails if the socket does.
    pub async fn run(self) -> Result<()> {
        let served = self.server.await;
        self.app.queue.close();
        for worker in self.workers {
            // a panic has been reported
            let _ = worker.join();
        }
        tracing::info!("stopped");
        Ok(served?)
    }
}
