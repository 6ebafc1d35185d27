//! Command line of nerveseg.

use std::process::ExitCode;

use clap::Parser as _;
use nerveseg_trainer::{Args, exit_code, run};

fn main() -> ExitCode {
    exit_code(run(Args::parse()))
}
