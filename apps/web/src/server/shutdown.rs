//! Signals: stop gently, stop at once, read the model again.

use std::sync::Arc;
use std::time::Duration;

use actix_web::dev::ServerHandle;
use actix_web::rt;
use anyhow::Result;

use crate::app::App;
use crate::server::reload::reload;

/// Refuses to be ready, goes on for a while so that load balancers see it, then lets requests in
/// flight finish.
pub(crate) async fn drain(app: &App, server: &ServerHandle, delay: Duration) {
    tracing::info!(seconds = delay.as_secs_f64(), "draining");
    app.health.drain();
    tokio::time::sleep(delay).await;
    server.stop(true).await;
}

/// Obeys signals until the server has stopped; a second signal to stop does not wait.
///
/// # Errors
///
/// Fails if the system takes no handlers.
#[cfg(unix)]
pub(crate) fn listen(app: Arc<App>, server: ServerHandle) -> Result<()> {
    use std::pin::pin;

    use futures_util::future::{Either, select};
    use tokio::signal::unix::{SignalKind, signal};

    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut hangup = signal(SignalKind::hangup())?;
    let reloading = Arc::clone(&app);
    rt::spawn(async move {
        while hangup.recv().await.is_some() {
            let app = Arc::clone(&reloading);
            // an error is a panic, which has been reported
            let _ = rt::task::spawn_blocking(move || reload(&app)).await;
        }
    });
    rt::spawn(async move {
        let delay = match select(pin!(terminate.recv()), pin!(interrupt.recv())).await {
            Either::Left(_) => Duration::from_secs_f64(app.settings.drain_seconds),
            // a person at a terminal does not want to wait
            Either::Right(_) => Duration::ZERO,
        };
        let again = async {
            select(pin!(terminate.recv()), pin!(interrupt.recv())).await;
        };
        let draining = drain(&app, &server, delay);
        if let Either::Right(_) = select(pin!(draining), pin!(again)).await {
            server.stop(false).await;
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
pub(crate) fn listen(app: Arc<App>, server: ServerHandle) -> Result<()> {
    rt::spawn(async move {
        if tokio::signal::ctrl_c().await.is_ok() {
            drain(&app, &server, Duration::ZERO).await;
        }
    });
    Ok(())
}
