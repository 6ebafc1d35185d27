//! Decodes DICOM in a process of its own: see [`nerveseg_dicom::sandbox`] for what it may do.

use std::path::PathBuf;
use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context as _, anyhow};
use futures_util::future::join;
use nerveseg_dicom::sandbox::{Request, SandboxError, command, max_answer_bytes, read_answer};
use nerveseg_dicom::{DicomError, Frame, Limits, Pick};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::process::Command;
use tokio::sync::Semaphore;

use crate::error::WebError;
use crate::settings::Settings;

/// Starts a process for every DICOM, a few at a time.
#[derive(Debug)]
pub(super) struct Sandbox {
    program: PathBuf,
    places: Semaphore,
    limits: Limits,
    patience: Duration,
}

impl Sandbox {
    /// `program` is this program, or one with the same hidden subcommand.
    pub(super) fn new(program: PathBuf, settings: &Settings) -> Self {
        Self {
            program,
            places: Semaphore::new(settings.dicom_processes),
            limits: Limits {
                bytes: settings.max_upload() as u64,
                pixels: settings.max_pixels,
                frames: settings.max_frames,
            },
            patience: Duration::from_secs_f64(settings.dicom_timeout_seconds),
        }
    }

    /// Decodes one frame of a DICOM.
    ///
    /// # Errors
    ///
    /// A file that is not read, or that takes too much memory or time.
    pub(super) async fn decode(&self, bytes: &[u8], pick: Pick) -> Result<Frame, WebError> {
        let _place = self.places.acquire().await;
        let request = Request {
            bytes,
            pick,
            limits: self.limits,
            least_bits: 0,
        };
        let answer = tokio::time::timeout(self.patience, self.ask(&request))
            .await
            .map_err(|_| too_costly())?
            .context("cannot talk to the process that decodes DICOM")
            .map_err(WebError::Internal)?;
        read_answer(&answer, &request).map_err(refusal)
    }

    /// Starts a child, which dies with the future, and hands it the request.
    async fn ask(&self, request: &Request<'_>) -> std::io::Result<Vec<u8>> {
        let mut child = Command::from(command(&self.program))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()?;
        let mut input = child.stdin.take().expect("standard input is a pipe");
        let output = child.stdout.take().expect("standard output is a pipe");
        let write = async {
            // a child that died early does not listen; its silence is the answer
            let _ = input.write_all(&request.head()).await;
            let _ = input.write_all(request.bytes).await;
            drop(input);
        };
        let mut answer = Vec::new();
        let mut output = output.take(max_answer_bytes(&request.limits) + 1);
        let (read, ()) = join(output.read_to_end(&mut answer), write).await;
        read?;
        // waited for, so that no zombie stays behind
        child.start_kill()?;
        child.wait().await?;
        Ok(answer)
    }
}

fn too_costly() -> WebError {
    WebError::Unprocessable(
        "The DICOM file could not be read within the memory and time that it may take.".to_owned(),
    )
}

/// What to tell the sender.
fn refusal(error: SandboxError) -> WebError {
    match error {
        SandboxError::Dicom(DicomError::FrameOutOfRange { frame, frames }) => {
            WebError::no_such_frame(frame, frames)
        }
        SandboxError::Dicom(error) => {
            let detail = sentence(&error);
            match error {
                DicomError::NotDicom
                | DicomError::UnsupportedTransferSyntax { .. }
                | DicomError::UnsupportedPixels { .. } => WebError::Unsupported(detail),
                DicomError::TooLarge { .. } => WebError::TooLarge(detail),
                _ => WebError::Unprocessable(detail),
            }
        }
        SandboxError::Died | SandboxError::TimedOut { .. } => too_costly(),
        other => WebError::Internal(anyhow!(other)),
    }
}

/// A message of a library as a sentence.
fn sentence(error: &DicomError) -> String {
    let message = error.to_string();
    let mut letters = message.chars();
    let first = letters.next().map(|letter| letter.to_ascii_uppercase());
    first.into_iter().chain(letters).chain(['.']).collect()
}
