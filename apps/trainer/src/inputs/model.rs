//! Which model, and with which thresholds.

use std::path::{Path, PathBuf};
use std::time::Instant;

use anyhow::Result;
use nerveseg_model::{Postprocess, Segmenter};

use super::device::DeviceArg;
use crate::ui;

/// Which model, and where it computes.
#[derive(Debug, clap::Args)]
pub(crate) struct ModelArgs {
    /// Artifact, such as `RUN/best.safetensors`; without it the model inside this program.
    #[arg(id = "model", long = "model", value_name = "FILE")]
    pub(crate) file: Option<PathBuf>,
    #[command(flatten)]
    pub(super) device: DeviceArg,
}

impl ModelArgs {
    /// What messages call the model.
    pub(crate) fn name(&self) -> String {
        match &self.file {
            Some(file) => file.display().to_string(),
            None => "the bundled model".to_owned(),
        }
    }

    /// Loads the artifact and says on which device it runs.
    pub(crate) fn open(&self) -> Result<Segmenter> {
        model(self.file.as_deref(), &self.name(), self.device)
    }

    /// As [`open`](Self::open), with the thresholds that were asked for.
    pub(crate) fn open_with(&self, thresholds: ThresholdArgs) -> Result<Segmenter> {
        let segmenter = self.open()?;
        let own = segmenter.manifest().postprocess.clone();
        Ok(segmenter.with_postprocess(thresholds.over(own))?)
    }
}

/// Loads an artifact, or the model inside this program, and says by which name it goes and on which
/// device it runs.
pub(crate) fn model(file: Option<&Path>, name: &str, device: DeviceArg) -> Result<Segmenter> {
    let begin = Instant::now();
    let segmenter = match file {
        Some(file) => Segmenter::from_file(file, device.spec)?,
        None => Segmenter::bundled(device.spec)?,
    };
    let seconds = begin.elapsed().as_secs_f64();
    let on = segmenter.device_name();
    ui::say(&format!("model: {name} on {on} ({seconds:.1} s)"));
    Ok(segmenter)
}

/// Other thresholds than the model's own.
#[derive(Clone, Copy, Debug, clap::Args)]
pub(crate) struct ThresholdArgs {
    /// Probability from which a pixel belongs to the nerve, instead of the model's own.
    #[arg(long, value_name = "P")]
    threshold: Option<f32>,
    /// Presence below which a mask is emptied, instead of the model's own: higher leaves more frames
    /// empty, those without a nerve first.
    #[arg(long, value_name = "P")]
    presence_threshold: Option<f32>,
}

impl ThresholdArgs {
    /// Puts what was typed over the model's own settings.
    fn over(self, own: Postprocess) -> Postprocess {
        Postprocess {
            threshold: self.threshold.unwrap_or(own.threshold),
            presence_threshold: self.presence_threshold.unwrap_or(own.presence_threshold),
            ..own
        }
    }
}
