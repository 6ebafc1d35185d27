//! Command line of nerveseg.

use std::process::ExitCode;

use clap::Parser as _;
use nerveseg_dicom::sandbox;
use nerveseg_model::without_display;
use nerveseg_trainer::{Args, exit_code, run};

fn main() -> ExitCode {
    // this program again, started to decode one DICOM file
    let first = std::env::args_os().nth(1);
    if first.is_some_and(|first| first == sandbox::SUBCOMMAND) {
        return sandbox::serve_child();
    }
    without_display();
    exit_code(run(Args::parse()))
}
