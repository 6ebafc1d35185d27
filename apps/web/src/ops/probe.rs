//! Asks a running server whether it is ready, for container health checks without a shell.

use std::io::{Read as _, Write as _};
use std::net::{TcpStream, ToSocketAddrs as _};
use std::time::Duration;

use anyhow::{Context as _, Result, bail};

const PATIENCE: Duration = Duration::from_secs(2);

/// # Errors
///
/// Fails with what the server says if it is not ready, or does not answer.
pub(crate) fn ready(address: &str) -> Result<()> {
    // a server that listens everywhere is asked at home
    let address = address
        .replace("0.0.0.0", "127.0.0.1")
        .replace("[::]", "[::1]");
    let unreachable = || format!("cannot reach `{address}`");
    let target = address.to_socket_addrs().with_context(unreachable)?.next();
    let target = target.with_context(unreachable)?;
    let mut stream = TcpStream::connect_timeout(&target, PATIENCE).with_context(unreachable)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.set_write_timeout(Some(PATIENCE))?;
    let request =
        format!("GET /health/ready HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes())?;
    let mut answer = String::new();
    stream.take(64 << 10).read_to_string(&mut answer)?;
    if answer.starts_with("HTTP/1.1 200 ") {
        return Ok(());
    }
    let body = answer.split_once("\r\n\r\n").map_or("", |(_, body)| body);
    bail!("not ready: {body}");
}
