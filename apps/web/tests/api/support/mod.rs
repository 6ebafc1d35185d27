//! A server to ask, a client that asks, and frames to ask about.

mod client;
mod frames;
mod models;
mod process;
mod server;

pub(crate) use client::{Answer, Connection, form, get, post, request};
pub(crate) use frames::{decode, encode, nerve, other_nerve};
pub(crate) use models::{Folder, bundled, slow_model};
pub(crate) use process::{Process, program};
pub(crate) use server::{TestServer, metric, serve, serve_with};

use std::time::{Duration, Instant};

/// Waits until something holds, at most 30 seconds.
pub(crate) fn eventually(what: &str, mut holds: impl FnMut() -> bool) {
    let begin = Instant::now();
    while !holds() {
        assert!(begin.elapsed() < Duration::from_secs(30), "never: {what}");
        std::thread::sleep(Duration::from_millis(10));
    }
}
