//! Signals: stop gently, stop at once, read the model again.

use std::sync::Arc;
use std::time::Duration;

use actix_web::dev::ServerHandle;
use actix_web::rt;
use anyhow::Result;

use super::reload::Reload;
use crate::ops::health::Health;

/// Stops the server.
pub(super) struct Shutdown {
    pub(super) health: Arc<Health>,
    pub(super) server: ServerHandle,
    /// Between a refusal to be ready and the last connection accepted.
    pub(super) delay: Duration,
}

impl Shutdown {
    /// Refuses to be ready, goes on for a while so that load balancers see it, then lets requests
    /// in flight finish.
    async fn drain(&self, delay: Duration) {
        tracing::info!(seconds = delay.as_secs_f64(), "draining");
        self.health.drain();
        tokio::time::sleep(delay).await;
        self.server.stop(true).await;
    }
}

/// Obeys signals until the server has stopped; a second signal to stop does not wait.
///
/// # Errors
///
/// Fails if the system takes no handlers.
#[cfg(unix)]
pub(super) fn listen(shutdown: Shutdown, reload: Reload) -> Result<()> {
    use std::pin::pin;

    use futures_util::future::{Either, select};
    use tokio::signal::unix::{SignalKind, signal};

    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut hangup = signal(SignalKind::hangup())?;
    let reload = Arc::new(reload);
    rt::spawn(async move {
        while hangup.recv().await.is_some() {
            let reload = Arc::clone(&reload);
            // an error is a panic, which has been reported
            let _ = rt::task::spawn_blocking(move || reload.run()).await;
        }
    });
    rt::spawn(async move {
        let delay = match select(pin!(terminate.recv()), pin!(interrupt.recv())).await {
            Either::Left(_) => shutdown.delay,
            // a person at a terminal does not want to wait
            Either::Right(_) => Duration::ZERO,
        };
        let again = async {
            select(pin!(terminate.recv()), pin!(interrupt.recv())).await;
        };
        let draining = shutdown.drain(delay);
        if let Either::Right(_) = select(pin!(draining), pin!(again)).await {
            shutdown.server.stop(false).await;
        }
    });
    Ok(())
}

/// Obeys Ctrl-C until the server has stopped.
///
/// # Errors
///
/// None on this system.
#[cfg(not(unix))]
pub(super) fn listen(shutdown: Shutdown, _reload: Reload) -> Result<()> {
    rt::spawn(async move {
        if tokio::signal::ctrl_c().await.is_ok() {
            shutdown.drain(Duration::ZERO).await;
        }
    });
    Ok(())
}
