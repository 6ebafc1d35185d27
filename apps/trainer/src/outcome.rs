//! How a command ends: 0 done, 1 failed, 2 misused, 130 interrupted.

use std::process::ExitCode;

use anyhow::Result;

use crate::ui;

/// How a command that reported everything itself has ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It did what it was asked to do.
    Done,
    /// It ran, but its result is a failure (already explained on stderr).
    Failed,
    /// A signal stopped it; what it had was saved.
    Interrupted,
}

/// Arguments that parse but make no sense together.
#[derive(Debug)]
pub struct Usage(pub String);

impl std::fmt::Display for Usage {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Usage {}

/// Says the last word on stderr and picks the exit code.
pub fn exit_code(result: Result<Outcome>) -> ExitCode {
    let error = match result {
        Ok(Outcome::Done) => return ExitCode::SUCCESS,
        Ok(Outcome::Failed) => return ExitCode::FAILURE,
        Ok(Outcome::Interrupted) => return ExitCode::from(130),
        Err(error) => error,
    };
    ui::say(&format!("error: {error:#}"));
    if error.is::<Usage>() {
        ExitCode::from(2)
    } else {
        ExitCode::FAILURE
    }
}
