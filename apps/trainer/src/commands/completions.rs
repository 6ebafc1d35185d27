//! `nerveseg completions`.

use anyhow::Result;
use clap::CommandFactory as _;

use crate::args::{Args, CompletionsArgs};
use crate::{Outcome, ui};

pub(crate) fn run(args: &CompletionsArgs) -> Result<Outcome> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Args::command(), "nerveseg", &mut script);
    ui::print(&String::from_utf8(script)?)?;
    Ok(Outcome::Done)
}
