//! Settings of the server and where they come from: flag over environment over file over default.

use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context as _, Result, bail, ensure};
use nerveseg_model::DeviceSpec;
use serde::{Deserialize, Serialize};

use crate::args::Overrides;
use crate::inference::worker::LARGEST_BATCH;

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

/// How lines of the log look.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    /// For people.
    #[default]
    Text,
    /// One JSON object a line, for machines.
    Json,
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
    /// Lays flags and environment over the file and the file over the default.
    ///
    /// # Errors
    ///
    /// Fails on a file that cannot be read or parsed, and on a setting that makes no sense.
    pub(crate) fn resolve(file: Option<&Path>, overrides: &Overrides) -> Result<Self> {
        let mut table = match file {
            Some(path) => {
                let text = std::fs::read_to_string(path)
                    .with_context(|| format!("cannot read settings `{}`", path.display()))?;
                // parsed as settings first, so that a mistake is told with its line
                toml::from_str::<Self>(&text)
                    .and_then(|_| toml::from_str::<toml::Table>(&text))
                    .with_context(|| format!("settings `{}` are wrong", path.display()))?
            }
            None => toml::Table::new(),
        };
        table.extend(toml::Table::try_from(overrides)?);
        let settings: Self = table.try_into()?;
        settings.validate()?;
        Ok(settings)
    }

    /// The settings as a TOML file that `--config` reads back.
    pub(crate) fn to_toml(&self) -> String {
        toml::to_string_pretty(self).expect("settings are plain data")
    }

    fn validate(&self) -> Result<()> {
        let checks = [
            ("http_threads", self.http_threads as f64, 0.0..=512.0),
            ("image_threads", self.image_threads as f64, 0.0..=512.0),
            ("queue", self.queue as f64, 1.0..=100_000.0),
            ("batch", self.batch as f64, 1.0..=LARGEST_BATCH as f64),
            ("deadline_seconds", self.deadline_seconds, 0.001..=3600.0),
            (
                "body_timeout_seconds",
                self.body_timeout_seconds,
                0.001..=3600.0,
            ),
            ("max_upload_mib", self.max_upload_mib as f64, 1.0..=1024.0),
            (
                "upload_memory_mib",
                self.upload_memory_mib as f64,
                self.max_upload_mib as f64..=1_048_576.0,
            ),
            ("max_pixels", self.max_pixels as f64, 1.0..=67_108_864.0),
            ("max_frames", f64::from(self.max_frames), 1.0..=1_000_000.0),
            ("dicom_processes", self.dicom_processes as f64, 1.0..=512.0),
            (
                "dicom_timeout_seconds",
                self.dicom_timeout_seconds,
                0.001..=600.0,
            ),
            ("rate_limit", f64::from(self.rate_limit), 0.0..=1e9),
            ("drain_seconds", self.drain_seconds, 0.0..=600.0),
            (
                "shutdown_seconds",
                self.shutdown_seconds as f64,
                0.0..=3600.0,
            ),
        ];
        for (name, value, range) in checks {
            let (low, high) = (range.start(), range.end());
            ensure!(
                range.contains(&value),
                "setting `{name}` is {value}, expected {low} to {high}"
            );
        }
        let plain = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
        if self.model_name.is_empty() || !self.model_name.chars().all(plain) {
            bail!(
                "setting `model_name` is `{}`, expected letters, digits and `-_.`",
                self.model_name
            );
        }
        self.devices()?;
        Ok(())
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

#[cfg(test)]
mod tests {
    use clap::Parser as _;

    use super::*;
    use crate::Args;

    fn resolve(file: &str, flags: &[&str]) -> Result<Settings> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("web.toml");
        std::fs::write(&path, file).unwrap();
        let flags = ["nerveseg-web"].iter().chain(flags);
        let args = Args::try_parse_from(flags).unwrap();
        Settings::resolve(Some(&path), &args.overrides)
    }

    #[test]
    fn what_is_printed_reads_back() {
        let settings = Settings {
            model: Some("m.safetensors".into()),
            ..Settings::default()
        };

        assert_eq!(resolve(&settings.to_toml(), &[]).unwrap(), settings);
    }

    #[test]
    fn a_flag_goes_over_the_file_and_the_file_over_the_default() {
        let settings = resolve("queue = 5\nrate_limit = 7", &["--queue", "9"]).unwrap();

        assert_eq!((settings.queue, settings.rate_limit), (9, 7));
        assert_eq!(settings.max_upload_mib, Settings::default().max_upload_mib);
    }

    #[test]
    fn an_unknown_key_is_named_with_its_line() {
        let error = format!("{:#}", resolve("queue = 5\nspeed = 6", &[]).unwrap_err());

        assert!(
            error.contains("speed") && error.contains("line 2"),
            "{error}"
        );
    }

    #[test]
    fn numbers_out_of_range_are_named() {
        let error = resolve("", &["--queue", "0"]).unwrap_err();
        assert_eq!(
            error.to_string(),
            "setting `queue` is 0, expected 1 to 100000"
        );

        let error = resolve("", &["--device", "cpu,cuda"]).unwrap_err();
        assert!(
            error.to_string().contains("unknown device `cuda`"),
            "{error}"
        );
    }
}
