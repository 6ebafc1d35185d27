//! What settings may be.

use anyhow::{Result, bail, ensure};

use super::values::{LARGEST_BATCH, Settings};

/// # Errors
///
/// Fails with the name of a setting that makes no sense, what it is, and what it may be.
pub(super) fn check(settings: &Settings) -> Result<()> {
    let checks = [
        ("http_threads", settings.http_threads as f64, 0.0..=512.0),
        ("image_threads", settings.image_threads as f64, 0.0..=512.0),
        ("queue", settings.queue as f64, 1.0..=100_000.0),
        ("batch", settings.batch as f64, 1.0..=LARGEST_BATCH as f64),
        (
            "deadline_seconds",
            settings.deadline_seconds,
            0.001..=3600.0,
        ),
        (
            "body_timeout_seconds",
            settings.body_timeout_seconds,
            0.001..=3600.0,
        ),
        (
            "max_upload_mib",
            settings.max_upload_mib as f64,
            1.0..=1024.0,
        ),
        (
            "upload_memory_mib",
            settings.upload_memory_mib as f64,
            settings.max_upload_mib as f64..=1_048_576.0,
        ),
        ("max_pixels", settings.max_pixels as f64, 1.0..=67_108_864.0),
        (
            "max_frames",
            f64::from(settings.max_frames),
            1.0..=1_000_000.0,
        ),
        (
            "dicom_processes",
            settings.dicom_processes as f64,
            1.0..=512.0,
        ),
        (
            "dicom_timeout_seconds",
            settings.dicom_timeout_seconds,
            0.001..=600.0,
        ),
        ("rate_limit", f64::from(settings.rate_limit), 0.0..=1e9),
        ("drain_seconds", settings.drain_seconds, 0.0..=600.0),
        (
            "shutdown_seconds",
            settings.shutdown_seconds as f64,
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
    if settings.model_name.is_empty() || !settings.model_name.chars().all(plain) {
        bail!(
            "setting `model_name` is `{}`, expected letters, digits and `-_.`",
            settings.model_name
        );
    }
    settings.devices()?;
    Ok(())
}
