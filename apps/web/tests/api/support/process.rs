//! The program itself, in a process of its own.

use std::io::{BufRead as _, BufReader, Read as _};
use std::net::SocketAddr;
use std::process::{Child, ChildStderr, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use super::{eventually, get};

/// A running `nerveseg-web`, killed with the test.
pub(crate) struct Process {
    pub(crate) address: SocketAddr,
    child: Child,
    stderr: Option<ChildStderr>,
}

impl Process {
    /// Starts it on a free port and waits until it is ready.
    pub(crate) fn start(flags: &[&str]) -> Self {
        let mut child = program(flags)
            .args(["--listen", "127.0.0.1:0", "--device", "cpu"])
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        let stdout = child.stdout.take().unwrap();
        BufReader::new(stdout).read_line(&mut line).unwrap();
        let address = line
            .split_once("http://")
            .and_then(|(_, rest)| rest.split(' ').next()?.trim().parse().ok());
        let address = address.unwrap_or_else(|| panic!("no address in {line:?}"));
        let stderr = child.stderr.take();
        let process = Self {
            address,
            child,
            stderr,
        };
        eventually("ready", || get(address, "/health/ready", &[]).status == 200);
        process
    }

    pub(crate) fn signal(&self, name: &str) {
        let pid = self.child.id().to_string();
        let sent = Command::new("kill").args([name, &pid]).status().unwrap();
        assert!(sent.success());
    }

    /// Waits for its end, at most 30 seconds.
    pub(crate) fn wait(&mut self) -> ExitStatus {
        let begin = Instant::now();
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                return status;
            }
            assert!(begin.elapsed() < Duration::from_secs(30), "it does not end");
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    /// Everything it logged; it has to have ended.
    pub(crate) fn log(&mut self) -> String {
        let mut log = String::new();
        let mut stderr = self.stderr.take().unwrap();
        stderr.read_to_string(&mut log).unwrap();
        log
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // an error says that it has ended already
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The program with arguments and without settings from around the test.
pub(crate) fn program(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_nerveseg-web"));
    command.args(arguments);
    for (name, _) in std::env::vars() {
        if name.starts_with("NERVESEG_WEB_") {
            command.env_remove(name);
        }
    }
    command
}
