//! Everything that can be set.

use std::path::PathBuf;
use std::time::Duration;

use anyhow::Result;
use nerveseg_model::DeviceSpec;
use serde::{Deserialize, Serialize};

use crate::ops::telemetry::LogFormat;

/// Most images that the network is prepared to take together.
pub(crate) const LARGEST_BATCH: usize = 8;

/// Everything that can be set, as the TOML file has it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// Address and port to listen on.
    pub listen: String,
    /// Model file; without one the model in the program.
    pub model: Option<PathBuf>,
    /// Name of the model in answers and under `/v2/models`.
    pub model_name: String,
    /// Where to compute; several devices with commas between.
    pub device: String,
    /// Threads that speak HTTP; 0 takes one a core, at most 4.
    pub http_threads: usize,
    /// Threads that decode images and paint answers; 0 takes one a core.
    pub image_threads: usize,
    /// Requests accepted at a time.
    pub queue: usize,
    /// Most frames that go through the network together.
    pub batch: usize,
    /// Seconds from the end of an upload to its answer.
    pub deadline_seconds: f64,
    /// Seconds for the upload itself.
    pub body_timeout_seconds: f64,
    /// Largest upload in MiB.
    pub max_upload_mib: u64,
    /// Memory in MiB for all uploads together.
    pub upload_memory_mib: u64,
    /// Largest frame in pixels.
    pub max_pixels: u64,
    /// Most frames of a DICOM.
    pub max_frames: u32,
    /// DICOMs decoded at a time.
    pub dicom_processes: usize,
    /// Seconds until the process that decodes a DICOM is killed.
    pub dicom_timeout_seconds: f64,
    /// Images a client may send in a minute; 0 sets no limit.
    pub rate_limit: u32,
    /// Whether clients are told apart by the last address in `X-Forwarded-For`.
    pub trust_forwarded_for: bool,
    /// Seconds between SIGTERM and the last connection accepted.
    pub drain_seconds: f64,
    /// Seconds that requests in flight then have to finish.
    pub shutdown_seconds: u64,
    /// What to log.
    pub log: String,
    /// How to log.
    pub log_format: LogFormat,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            listen: "127.0.0.1:8080".to_owned(),
            model: None,
            model_name: "brachial-plexus".to_owned(),
            device: DeviceSpec::Auto.to_string(),
            http_threads: 0,
            image_threads: 0,
            queue: 32,
            batch: LARGEST_BATCH,
            deadline_seconds: 10.0,
            body_timeout_seconds: 15.0,
            max_upload_mib: 16,
            upload_memory_mib: 256,
            max_pixels: 2048 * 2048,
            max_frames: 4096,
            dicom_processes: 2,
            dicom_timeout_seconds: 5.0,
            rate_limit: 0,
            trust_forwarded_for: false,
            drain_seconds: 2.0,
            shutdown_seconds: 20,
            log: "info,actix_server=warn".to_owned(),
            log_format: LogFormat::Text,
        }
    }
}

impl Settings {
    /// The settings as a TOML file that `--config` reads back.
    pub(crate) fn to_toml(&self) -> String {
        toml::to_string_pretty(self).expect("settings are plain data")
    }

    /// The devices, at least one.
    ///
    /// # Errors
    ///
    /// Fails on a name that is none of a device.
    pub(crate) fn devices(&self) -> Result<Vec<DeviceSpec>> {
        let names = self.device.split(',').map(str::trim);
        Ok(names.map(str::parse).collect::<Result<_, _>>()?)
    }

    /// Threads that speak HTTP.
    pub(crate) fn http_threads(&self) -> usize {
        or_cores(self.http_threads, 4)
    }

    /// Threads that decode images and paint answers.
    pub(crate) fn image_threads(&self) -> usize {
        or_cores(self.image_threads, usize::MAX)
    }

    /// From the end of an upload to its answer.
    pub(crate) fn deadline(&self) -> Duration {
        Duration::from_secs_f64(self.deadline_seconds)
    }

    /// For the upload itself.
    pub(crate) fn body_timeout(&self) -> Duration {
        Duration::from_secs_f64(self.body_timeout_seconds)
    }

    /// Memory for all uploads together, in bytes.
    pub(crate) fn upload_memory(&self) -> usize {
        (self.upload_memory_mib << 20) as usize
    }

    /// Largest upload in bytes.
    pub(crate) fn max_upload(&self) -> usize {
        (self.max_upload_mib << 20) as usize
    }
}

/// `number`, or one a core up to `most` if it is 0.
fn or_cores(number: usize, most: usize) -> usize {
    match number {
        0 => std::thread::available_parallelism().map_or(1, |cores| cores.get().min(most)),
        _ => number,
    }
}
