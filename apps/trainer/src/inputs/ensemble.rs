//! Which models answer together.

use std::path::PathBuf;

use anyhow::Result;
use nerveseg_model::Segmenter;
use serde::Serialize;

use super::device::DeviceArg;
use super::model::{ModelArgs, ThresholdArgs};

/// Which model, or which models together, and where they compute.
#[derive(Debug, clap::Args)]
pub(crate) struct EnsembleArgs {
    /// Artifact, such as `RUN/best.safetensors`; without it the model inside this program. Several
    /// answer together: the means of their probabilities and presence, with the thresholds of the
    /// first.
    #[arg(id = "model", long = "model", value_name = "FILE", num_args = 1..)]
    files: Vec<PathBuf>,
    #[command(flatten)]
    device: DeviceArg,
}

/// The models of an ensemble, for programs.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct EnsembleOf {
    /// They, the first first, whose thresholds count.
    models: Vec<Member>,
    probabilities: &'static str,
    presence: &'static str,
    thresholds: &'static str,
}

/// One of several models.
#[derive(Clone, Debug, Serialize)]
struct Member {
    name: String,
    sha256: String,
}

impl EnsembleArgs {
    /// What messages call the models.
    pub(crate) fn name(&self) -> String {
        let names: Vec<String> = self.each().iter().map(ModelArgs::name).collect();
        names.join(" + ")
    }

    /// Opens them as one, the first with the thresholds that were asked for.
    pub(crate) fn open_with(&self, thresholds: ThresholdArgs) -> Result<Segmenter> {
        let each = self.each();
        let (first, others) = each.split_first().expect("there is always one");
        let first = first.open_with(thresholds)?;
        let others = others.iter().map(ModelArgs::open).collect::<Result<_>>()?;
        Ok(first.with_others(others))
    }

    /// What `segmenter`, which this opened, is made of; nothing if that is one model.
    pub(crate) fn ensemble(&self, segmenter: &Segmenter) -> Option<EnsembleOf> {
        let names = self.files.iter().map(|file| file.display().to_string());
        let member = |(name, member): (String, &Segmenter)| Member {
            name,
            sha256: member.manifest().sha256.clone(),
        };
        (self.files.len() > 1).then(|| EnsembleOf {
            models: names.zip(segmenter.members()).map(member).collect(),
            probabilities: "mean",
            presence: "mean",
            thresholds: "first",
        })
    }

    fn each(&self) -> Vec<ModelArgs> {
        let one = |file| ModelArgs {
            file,
            device: self.device,
        };
        match self.files.is_empty() {
            true => vec![one(None)],
            false => self.files.iter().cloned().map(Some).map(one).collect(),
        }
    }
}

impl EnsembleOf {
    /// For a report: what it is made of.
    pub(crate) fn facts(&self) -> Vec<(String, String)> {
        let fact = |(index, it): (usize, &Member)| {
            let name = format!("Model {} of {}", index + 1, self.models.len());
            (name, format!("{} (SHA-256 {})", it.name, it.sha256))
        };
        self.models.iter().enumerate().map(fact).collect()
    }
}

impl std::fmt::Display for EnsembleOf {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let names: Vec<&str> = self.models.iter().map(|it| it.name.as_str()).collect();
        write!(
            f,
            "ensemble of {}: {}; mean of probabilities and of presence, thresholds of {}",
            names.len(),
            names.join(", "),
            names[0]
        )
    }
}
