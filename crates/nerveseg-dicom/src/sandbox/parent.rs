//! The side of the parent.

use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::Duration;

use super::SUBCOMMAND;
use super::wire::{Request, max_answer_bytes, read_answer};
use crate::error::Result;
use crate::{DicomError, Frame};

/// Why a child gave no frame.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SandboxError {
    /// The child worked, the file does not.
    #[error(transparent)]
    Dicom(#[from] DicomError),
    /// The child ended without an answer: almost always because the file needs more memory or time
    /// than a child has.
    #[error("the DICOM file could not be read within the memory and time that it may take")]
    Died,
    /// The child took too long and was killed.
    #[error("reading the DICOM file took longer than {} s", limit.as_secs_f64())]
    TimedOut {
        /// How long it was given.
        limit: Duration,
    },
    /// The child answered something else than was asked.
    #[error("the process that reads DICOM files answered nonsense")]
    BadAnswer,
    /// The child could not be started or spoken to.
    #[error("cannot start the process that reads DICOM files")]
    Start(#[source] io::Error),
}

/// Where the running program is, even if its file was replaced since it was started.
///
/// # Errors
///
/// The system does not know.
pub fn this_program() -> io::Result<PathBuf> {
    if cfg!(target_os = "linux") {
        // resolved by the child, which still is this program then
        Ok(PathBuf::from("/proc/self/exe"))
    } else {
        std::env::current_exe()
    }
}

/// The command that starts a child: `program` with [`SUBCOMMAND`], no environment, pipes.
///
/// `program` is usually [`this_program`].
pub fn command(program: &Path) -> Command {
    let mut command = Command::new(program);
    command
        .arg(SUBCOMMAND)
        .env_clear()
        // each further arena of glibc would take 64 MiB of the address space
        .env("MALLOC_ARENA_MAX", "1")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null());
    command
}

/// Reads one frame in a child of `program`, and waits for it.
///
/// # Errors
///
/// What is wrong with the file, or with the child.
pub fn run(program: &Path, request: &Request<'_>, limit: Duration) -> Result<Frame, SandboxError> {
    let child = command(program).spawn().map_err(SandboxError::Start)?;
    match talk(child, request, limit) {
        Ok(answer) => read_answer(&answer.map_err(SandboxError::Start)?, request),
        Err(_) => Err(SandboxError::TimedOut { limit }),
    }
}

/// What the child answers; leaves none behind.
fn talk(
    mut child: Child,
    request: &Request<'_>,
    limit: Duration,
) -> Result<io::Result<Vec<u8>>, RecvTimeoutError> {
    let (sender, receiver) = mpsc::channel();
    let mut input = child.stdin.take().expect("standard input is a pipe");
    let output = child.stdout.take().expect("standard output is a pipe");
    thread::scope(|scope| {
        scope.spawn(move || {
            // a child that died early does not listen; its silence is the answer
            let _ = input
                .write_all(&request.head())
                .and_then(|()| input.write_all(request.bytes));
        });
        scope.spawn(move || {
            let mut answer = Vec::new();
            let most = max_answer_bytes(&request.limits).saturating_add(1);
            let read = output.take(most).read_to_end(&mut answer);
            let _ = sender.send(read.map(|_| answer));
        });
        let answer = receiver.recv_timeout(limit);
        // both threads end with the child; an error says that it has ended already
        let _ = child.kill();
        let _ = child.wait();
        answer
    })
}
