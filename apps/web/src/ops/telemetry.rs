//! The log: on stderr, one line an event, for people or for machines.

use std::io::IsTerminal as _;

use anyhow::{Context as _, Result};
use tracing_subscriber::EnvFilter;

use crate::{LogFormat, Settings};

/// Starts logging for the whole process.
///
/// # Errors
///
/// Fails on a filter that does not parse, or if something logs already.
pub(crate) fn start(settings: &Settings) -> Result<()> {
    let filter = EnvFilter::try_new(&settings.log)
        .with_context(|| format!("setting `log` is `{}`", settings.log))?;
    let colourful = std::io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none();
    let log = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_ansi(colourful)
        .with_target(false);
    let started = match settings.log_format {
        LogFormat::Text => log.try_init(),
        LogFormat::Json => log.json().flatten_event(true).try_init(),
    };
    started.map_err(|error| anyhow::anyhow!(error))
}
