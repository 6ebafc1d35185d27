//! Command line of nerveseg: the commands and what they share. `main` only parses and exits.

#![recursion_limit = "256"]

mod args;
mod commands;
mod inputs;
mod outcome;
mod train_progress;
mod ui;

pub use args::Args;
pub use outcome::{Outcome, Usage, exit_code};

use anyhow::Result;

use args::Command;

/// Runs one command.
///
/// # Errors
///
/// Whatever stopped it, in words for the person who typed it.
pub fn run(args: Args) -> Result<Outcome> {
    match args.command {
        Command::Demo(args) => commands::demo::run(&args),
        Command::Phantom(args) => commands::phantom::run(&args),
        Command::Stats(args) => commands::stats::run(&args),
        Command::Audit(args) => commands::audit::run(&args),
        Command::Split(args) => commands::split::run(&args),
        Command::Train(args) => commands::train::run(&args),
        Command::Evaluate(args) => commands::evaluate::run(&args),
        Command::Calibrate(args) => commands::calibrate::run(&args),
        Command::Predict(args) => commands::predict::run(&args),
        Command::Submit(args) => commands::submit::run(&args),
        Command::Info(args) => commands::info::run(&args),
        Command::Bench(args) => commands::bench::run(&args),
        Command::Completions(args) => commands::completions::run(&args),
    }
}
