//! `nerveseg completions`.

use anyhow::Result;

use crate::outcome::Outcome;
use crate::ui;

/// Print a completion script for a shell.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Example:\n  nerveseg completions bash > ~/.local/share/bash-completion/completions/nerveseg"
)]
pub(crate) struct CompletionsArgs {
    /// Shell to complete for.
    shell: clap_complete::Shell,
}

pub(crate) fn run(args: &CompletionsArgs, program: &mut clap::Command) -> Result<Outcome> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, program, "nerveseg", &mut script);
    ui::print(&String::from_utf8(script)?)?;
    Ok(Outcome::Done)
}
