//! Web page and API of nerveseg.

use std::process::ExitCode;

use clap::Parser as _;
use nerveseg_web::{Args, run};

fn main() -> ExitCode {
    run(Args::parse())
}
