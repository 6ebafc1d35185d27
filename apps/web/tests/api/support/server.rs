//! A server inside the test, on a port of its own.

use std::net::{SocketAddr, TcpListener};
use std::sync::mpsc;
use std::thread::JoinHandle;

use actix_web::dev::ServerHandle;
use nerveseg_web::{Settings, WebServer};

use super::{eventually, get};

/// A server that stops with the test.
pub(crate) struct TestServer {
    pub(crate) address: SocketAddr,
    handle: ServerHandle,
    thread: Option<JoinHandle<()>>,
}

/// The bundled model with the usual settings.
pub(crate) fn serve() -> TestServer {
    serve_with(Settings::default())
}

/// A ready server with these settings, on the CPU.
pub(crate) fn serve_with(settings: Settings) -> TestServer {
    let settings = Settings {
        device: "cpu".to_owned(),
        http_threads: 2,
        ..settings
    };
    let (sender, receiver) = mpsc::channel();
    let thread = std::thread::spawn(move || {
        actix_web::rt::System::new().block_on(async move {
            let listener = TcpListener::bind("127.0.0.1:0").unwrap();
            let program = env!("CARGO_BIN_EXE_nerveseg-web").into();
            let server = WebServer::build(listener, settings, program).unwrap();
            sender.send((server.address(), server.handle())).unwrap();
            server.run().await.unwrap();
        });
    });
    let (address, handle) = receiver.recv().unwrap();
    let server = TestServer {
        address,
        handle,
        thread: Some(thread),
    };
    eventually("ready", || server.get("/health/ready").status == 200);
    server
}

impl TestServer {
    pub(crate) fn get(&self, path: &str) -> super::Answer {
        get(self.address, path, &[])
    }

    pub(crate) fn post(&self, path: &str, body: &[u8]) -> super::Answer {
        super::post(self.address, path, &[], body)
    }

    /// The value of a metric, by its name and labels as they are printed.
    pub(crate) fn metric(&self, name: &str) -> f64 {
        metric(self.get("/metrics").text(), name)
    }
}

/// The value of one line of metrics; 0 if it is not there yet.
pub(crate) fn metric(text: &str, name: &str) -> f64 {
    let line = text
        .lines()
        .find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
    line.map_or(0.0, |value| value.parse().unwrap())
}

impl Drop for TestServer {
    fn drop(&mut self) {
        // the request to stop is sent at once; what it returns only waits
        drop(self.handle.stop(false));
        if let Some(thread) = self.thread.take() {
            let ended = thread.join();
            if !std::thread::panicking() {
                ended.unwrap();
            }
        }
    }
}
