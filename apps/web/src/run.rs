//! What the program does with its arguments.

use std::io::Write as _;
use std::net::TcpListener;
use std::process::ExitCode;

use anyhow::{Context as _, Result};
use nerveseg_dicom::sandbox;
use nerveseg_model::without_display;

use crate::args::{Args, Command};
use crate::ops::{memory, probe, telemetry};
use crate::server::WebServer;
use crate::settings::resolve;

/// Does what was typed; the exit code is 0, or 1 with the reason on stderr.
pub fn run(args: Args) -> ExitCode {
    let result = match &args.command {
        Some(Command::DicomChild) => return sandbox::serve_child(),
        Some(Command::Health { address }) => probe::ready(address),
        None => serve(&args),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let _ = writeln!(std::io::stderr(), "error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn serve(args: &Args) -> Result<()> {
    let settings = resolve(args.config.as_deref(), &args.overrides)?;
    if args.print_config {
        return say(&settings.to_toml());
    }
    without_display();
    memory::return_large_buffers();
    telemetry::start(&settings.log, settings.log_format)?;
    let listener = TcpListener::bind(&settings.listen)
        .with_context(|| format!("cannot listen on `{}`", settings.listen))?;
    let program = sandbox::this_program()?;
    actix_web::rt::System::new().block_on(async {
        let server = WebServer::build(listener, settings, program)?;
        server.obey_signals()?;
        say(&format!(
            "nerveseg-web: http://{} on {}\nResearch use only, not for clinical use.\n",
            server.address(),
            server.devices()
        ))?;
        server.run().await
    })
}

fn say(text: &str) -> Result<()> {
    let mut stdout = std::io::stdout().lock();
    stdout.write_all(text.as_bytes())?;
    Ok(stdout.flush()?)
}
