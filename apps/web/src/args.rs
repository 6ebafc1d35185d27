//! What can be typed: every setting as a flag, and as an environment variable.

use std::path::PathBuf;

use clap::{Parser, Subcommand};
use serde::Serialize;

use crate::ops::telemetry::LogFormat;

/// Serves a page and an API that find the brachial plexus in ultrasound frames.
///
/// Research use only, not for clinical use.
#[derive(Debug, Parser)]
#[command(name = "nerveseg-web", version)]
#[command(
    after_help = "Examples:\n  nerveseg-web\n  nerveseg-web --listen 0.0.0.0:8080 --log-format json\n  nerveseg-web --model run/best.safetensors --device wgpu\n  nerveseg-web --print-config > web.toml   # then edit, and:\n  nerveseg-web --config web.toml\n\nA flag goes over its environment variable, that over the file, and that over the default.\nSIGHUP reads the model file again, SIGTERM finishes what is in flight and stops."
)]
pub struct Args {
    #[command(subcommand)]
    pub(crate) command: Option<Command>,
    /// TOML file with settings, as `--print-config` writes it.
    #[arg(long, value_name = "FILE", env = "NERVESEG_WEB_CONFIG")]
    pub(crate) config: Option<PathBuf>,
    /// Print the settings that would be used as TOML, and exit.
    #[arg(long)]
    pub(crate) print_config: bool,
    #[command(flatten)]
    pub(crate) overrides: Overrides,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Ask a running server whether it is ready; exits with 0 if so. For container health checks.
    Health {
        /// Address of the server.
        #[arg(
            value_name = "HOST:PORT",
            default_value = "127.0.0.1:8080",
            env = "NERVESEG_WEB_LISTEN"
        )]
        address: String,
    },
    /// Decode one DICOM from stdin within limits; the server starts this by itself.
    #[command(hide = true)]
    DicomChild,
}

/// Settings given by flag or environment; what is absent is taken from the file or the default.
#[derive(Debug, Default, Serialize, clap::Args)]
pub(crate) struct Overrides {
    /// Address and port to listen on; port 0 takes any free one.
    #[arg(long, value_name = "HOST:PORT", env = "NERVESEG_WEB_LISTEN")]
    listen: Option<String>,
    /// Model file to serve instead of the one in the program.
    #[arg(long, value_name = "FILE", env = "NERVESEG_WEB_MODEL")]
    model: Option<PathBuf>,
    /// Name of the model in answers and under `/v2/models`.
    #[arg(long, value_name = "NAME", env = "NERVESEG_WEB_MODEL_NAME")]
    model_name: Option<String>,
    /// Where to compute: auto, cpu, ndarray, flex, wgpu or wgpu:N; several with commas between.
    #[arg(long, value_name = "DEVICE", env = "NERVESEG_WEB_DEVICE")]
    device: Option<String>,
    /// Threads that speak HTTP; 0 takes one a core, at most 4.
    #[arg(long, value_name = "N", env = "NERVESEG_WEB_HTTP_THREADS")]
    http_threads: Option<usize>,
    /// Threads that decode images and paint answers; 0 takes one a core.
    #[arg(long, value_name = "N", env = "NERVESEG_WEB_IMAGE_THREADS")]
    image_threads: Option<usize>,
    /// Requests accepted at a time; more get 503.
    #[arg(long, value_name = "N", env = "NERVESEG_WEB_QUEUE")]
    queue: Option<usize>,
    /// Most frames that go through the network together, 1 to 8.
    #[arg(long, value_name = "N", env = "NERVESEG_WEB_BATCH")]
    batch: Option<usize>,
    /// Seconds from the end of an upload to its answer, else 503.
    #[arg(long, value_name = "SECONDS", env = "NERVESEG_WEB_DEADLINE_SECONDS")]
    deadline_seconds: Option<f64>,
    /// Seconds for the upload itself, else 408.
    #[arg(
        long,
        value_name = "SECONDS",
        env = "NERVESEG_WEB_BODY_TIMEOUT_SECONDS"
    )]
    body_timeout_seconds: Option<f64>,
    /// Largest upload in MiB.
    #[arg(long, value_name = "MIB", env = "NERVESEG_WEB_MAX_UPLOAD_MIB")]
    max_upload_mib: Option<u64>,
    /// Memory in MiB for all uploads together; beyond it uploads get 503.
    #[arg(long, value_name = "MIB", env = "NERVESEG_WEB_UPLOAD_MEMORY_MIB")]
    upload_memory_mib: Option<u64>,
    /// Largest frame in pixels.
    #[arg(long, value_name = "N", env = "NERVESEG_WEB_MAX_PIXELS")]
    max_pixels: Option<u64>,
    /// Most frames of a DICOM.
    #[arg(long, value_name = "N", env = "NERVESEG_WEB_MAX_FRAMES")]
    max_frames: Option<u32>,
    /// DICOMs decoded at a time, each in a process of its own.
    #[arg(long, value_name = "N", env = "NERVESEG_WEB_DICOM_PROCESSES")]
    dicom_processes: Option<usize>,
    /// Seconds until such a process is killed.
    #[arg(
        long,
        value_name = "SECONDS",
        env = "NERVESEG_WEB_DICOM_TIMEOUT_SECONDS"
    )]
    dicom_timeout_seconds: Option<f64>,
    /// Images a client may send in a minute; 0 sets no limit.
    #[arg(long, value_name = "N", env = "NERVESEG_WEB_RATE_LIMIT")]
    rate_limit: Option<u32>,
    /// Tell clients apart by the last address in `X-Forwarded-For`; only behind a proxy that sets it.
    #[arg(
        long,
        value_name = "BOOL",
        num_args = 0..=1,
        default_missing_value = "true",
        env = "NERVESEG_WEB_TRUST_FORWARDED_FOR"
    )]
    trust_forwarded_for: Option<bool>,
    /// Seconds between SIGTERM, when `/health/ready` turns to 503, and the last connection accepted.
    #[arg(long, value_name = "SECONDS", env = "NERVESEG_WEB_DRAIN_SECONDS")]
    drain_seconds: Option<f64>,
    /// Seconds that requests in flight then have to finish.
    #[arg(long, value_name = "SECONDS", env = "NERVESEG_WEB_SHUTDOWN_SECONDS")]
    shutdown_seconds: Option<u64>,
    /// What to log: error, warn, info, debug, or a `tracing` filter.
    #[arg(long, value_name = "FILTER", env = "NERVESEG_WEB_LOG")]
    log: Option<String>,
    /// How to log.
    #[arg(long, value_name = "FORMAT", env = "NERVESEG_WEB_LOG_FORMAT")]
    log_format: Option<LogFormat>,
}
