//! The artifact that a run starts from: whether it fits, and what it passes on.

use std::path::Path;

use nerveseg_model::artifact::{self, Manifest};
use nerveseg_model::weights::{self, HostTensor, NamedTensors, Parameter};
use nerveseg_model::{Provenance, StartedFrom};

use super::identity::{Difference, differences};
use crate::config::{InitConfig, InitSkip, TrainConfig};
use crate::error::{Result, TrainError};

/// Tensors that a message names.
const NAMED: usize = 5;

/// Settings of a network that only count in training: no tensor depends on them.
const OF_TRAINING: [&str; 2] = ["unet.dropout", "unet.norm_momentum"];

/// An artifact whose weights a run starts from.
#[derive(Clone, Debug)]
pub struct Ancestor {
    name: String,
    tensors: NamedTensors,
    manifest: Manifest,
}

impl Ancestor {
    /// Reads an artifact from disk, to be called `name`.
    ///
    /// # Errors
    ///
    /// As [`artifact::load`].
    pub fn load(path: &Path, name: &str) -> Result<Self> {
        Ok(Self::of(artifact::load(path)?, name))
    }

    /// As [`load`](Self::load) for bytes already in memory.
    ///
    /// # Errors
    ///
    /// As [`artifact::decode`].
    pub fn from_bytes(bytes: &[u8], name: &str) -> Result<Self> {
        Ok(Self::of(artifact::decode(bytes, name)?, name))
    }

    fn of((tensors, manifest): (NamedTensors, Manifest), name: &str) -> Self {
        let name = name.to_owned();
        Self {
            name,
            tensors,
            manifest,
        }
    }

    /// What it says about itself.
    pub fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    /// The same weights under another name.
    #[must_use]
    pub fn called(self, name: &str) -> Self {
        let name = name.to_owned();
        Self { name, ..self }
    }

    /// Whether `init` means these weights.
    pub fn is(&self, init: &InitConfig) -> bool {
        self.manifest.sha256 == init.sha256
    }

    /// Puts its network and its preprocessing into `config`, and names itself there. Thresholds and
    /// calibration belong to the heads: they are passed on with them.
    pub fn pass_on(&self, config: &mut TrainConfig, skip: Option<InitSkip>) {
        config.unet = self.manifest.unet.clone();
        config.preprocess = self.manifest.preprocess.clone();
        if skip.is_none() {
            config.postprocess = self.manifest.postprocess.clone();
        }
        config.init = Some(InitConfig {
            name: self.name.clone(),
            sha256: self.manifest.sha256.clone(),
            skip,
        });
    }

    /// Checks that a run with `config` can start from it.
    ///
    /// # Errors
    ///
    /// [`TrainError::AncestorMissing`] if `config` names other weights or none,
    /// [`TrainError::AncestorMismatch`] names the settings and the tensors that do not fit.
    pub fn check(&self, config: &TrainConfig) -> Result<()> {
        let init = config.init.as_ref().filter(|init| self.is(init));
        let Some(InitConfig { skip, .. }) = init else {
            return Err(missing(config, Some(self)));
        };
        let mut problems = self.setting_differences(config, *skip);
        problems.extend(summary(&self.tensor_differences(config, *skip)));
        if problems.is_empty() {
            return Ok(());
        }
        Err(TrainError::AncestorMismatch {
            name: self.name.clone(),
            problems,
        })
    }

    /// First tensors of a run with `config`, which was checked.
    ///
    /// # Errors
    ///
    /// [`TrainError::Model`] if the network makes no sense.
    pub(crate) fn tensors(&self, config: &TrainConfig) -> Result<NamedTensors> {
        let mut tensors = self.tensors.clone();
        if skip(config) == Some(InitSkip::Head) {
            tensors.retain(|name, _| !weights::is_head(name));
            let mut drawn = config.unet.initial_tensors(config.seed)?;
            drawn.retain(|name, _| weights::is_head(name));
            tensors.append(&mut drawn);
        }
        Ok(tensors)
    }

    /// What the artifact of a run with `config` says about it.
    pub(crate) fn started_from(&self, config: &TrainConfig) -> Option<StartedFrom> {
        let init = config.init.as_ref()?;
        Some(StartedFrom {
            name: init.name.clone(),
            sha256: init.sha256.clone(),
            skipped: init.skip.map(|skip| skip.name().to_owned()),
            provenance: Box::<Provenance>::new(self.manifest.provenance.clone()),
        })
    }

    /// Writes a copy of it.
    pub(crate) fn save(&self, path: &Path) -> Result<()> {
        Ok(artifact::save(path, &self.tensors, &self.manifest)?)
    }

    /// Settings of `config` that its weights were not made for, each with both values.
    fn setting_differences(&self, config: &TrainConfig, skip: Option<InitSkip>) -> Vec<String> {
        let mut own = config.clone();
        own.unet = self.manifest.unet.clone();
        own.preprocess = self.manifest.preprocess.clone();
        let of_heads = |name: &str| name == "unet.presence_head" && skip == Some(InitSkip::Head);
        differences(&own, config)
            .into_iter()
            .filter(|it| !OF_TRAINING.contains(&it.name.as_str()) && !of_heads(&it.name))
            .map(
                |Difference {
                     name,
                     values: [own, asked],
                 }| { format!("`{name}` is {own} there, {asked} was asked for") },
            )
            .collect()
    }

    /// Tensors that are not those of the network of `config`.
    fn tensor_differences(&self, config: &TrainConfig, skip: Option<InitSkip>) -> Vec<String> {
        let wanted = |name: &str| skip != Some(InitSkip::Head) || !weights::is_head(name);
        let mut parameters = config.unet.parameters();
        parameters.retain(|parameter| wanted(&parameter.name));
        let known = |name: &str| parameters.iter().any(|parameter| parameter.name == name);
        let left = self
            .tensors
            .iter()
            .filter(|(name, _)| wanted(name) && !known(name));
        let left = left.map(|(name, tensor)| {
            format!(
                "`{name}` is {:?}, and there is no such tensor",
                tensor.shape()
            )
        });
        let other = parameters
            .iter()
            .filter_map(|Parameter { name, shape, .. }| {
                match self.tensors.get(name).map(HostTensor::shape) {
                    Some(found) if found == shape => None,
                    Some(found) => Some(format!("`{name}` is {found:?}, expected {shape:?}")),
                    None => Some(format!("`{name}` is missing, expected {shape:?}")),
                }
            });
        other.chain(left).collect()
    }
}

/// Refuses a run whose settings name weights that are not there.
///
/// # Errors
///
/// [`TrainError::AncestorMissing`].
pub(crate) fn check(config: &TrainConfig, ancestor: Option<&Ancestor>) -> Result<()> {
    match (ancestor, &config.init) {
        (Some(ancestor), _) => ancestor.check(config),
        (None, Some(_)) => Err(missing(config, None)),
        (None, None) => Ok(()),
    }
}

/// Which tensors a run does not take over.
pub(crate) fn skip(config: &TrainConfig) -> Option<InitSkip> {
    config.init.as_ref().and_then(|init| init.skip)
}

fn missing(config: &TrainConfig, given: Option<&Ancestor>) -> TrainError {
    let described = |name: &str, sha256: &str| format!("`{name}` (SHA-256 {sha256})");
    let expected = config.init.as_ref();
    let given = given.map(|it| described(&it.name, &it.manifest.sha256));
    TrainError::AncestorMissing {
        expected: expected.map_or("drawn weights".to_owned(), |it| {
            described(&it.name, &it.sha256)
        }),
        given: given.unwrap_or_else(|| "nothing".to_owned()),
    }
}

/// The first few of `tensors` in one sentence; nothing if there are none.
fn summary(tensors: &[String]) -> Option<String> {
    let (first, rest) = tensors.split_at(tensors.len().min(NAMED));
    let more = match rest.len() {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    let count = tensors.len();
    (count > 0).then(|| format!("{count} tensors do not fit: {}{more}", first.join(", ")))
}
