//! Command line of nerveseg: the commands and what they share. `main` only parses and exits.

#![recursion_limit = "256"]

mod args;
mod commands;
mod inputs;
mod interrupt;
mod memory;
mod outcome;
mod outputs;
mod seen;
mod ui;

pub use args::Args;
pub use outcome::{Outcome, Usage, exit_code};

use anyhow::Result;

/// Runs one command.
///
/// # Errors
///
/// Whatever stopped it, in words for the person who typed it.
pub fn run(args: Args) -> Result<Outcome> {
    args.command.run()
}
