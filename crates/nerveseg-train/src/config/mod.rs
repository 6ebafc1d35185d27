//! Settings of a training run: files over presets, and their checks.

mod init;
mod presets;

pub use self::init::{InitConfig, InitSkip};

use std::collections::BTreeMap;
use std::path::Path;

use nerveseg_model::{Postprocess, Preprocess, UNetConfig};
use serde::{Deserialize, Serialize};

use crate::augment::AugmentConfig;
use crate::error::{Result, TrainError};
use crate::loss::LossConfig;
use crate::number::{ABOVE_ZERO, Number};
use crate::optim::{EarlyStopConfig, OneCycleConfig, PlateauConfig};

/// Every setting of a training run. The defaults are those of [`TrainConfig::standard`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct TrainConfig {
    /// Passes over the training cases.
    pub epochs: u32,
    /// Cases per step of the optimiser.
    pub batch_size: usize,
    /// Step size of Adam at the start.
    pub learning_rate: f64,
    /// Added to the root of the second moment in Adam.
    pub adam_epsilon: f32,
    /// Every step takes this share of the learning rate off the weights of convolutions and of
    /// the presence head (`AdamW`, Loshchilov & Hutter, 2019, arXiv:1711.05101); 0 is plain Adam.
    pub weight_decay: f64,
    /// Share of itself that the running average of the weights keeps at every step; the average
    /// is what is validated and saved. 0 turns it off.
    pub weight_average: f64,
    /// How far the kinds of frames are balanced in an epoch, a kind being those of one site
    /// (`sites.json`) with a nerve or without: at 0 every frame comes once, at 1 every kind as
    /// often, between them in proportion to its count of frames to the power of `1 - balance`.
    pub balance: f64,
    /// Source of every random number of the run.
    pub seed: u64,
    /// Shape of the network.
    pub unet: UNetConfig,
    /// From image to network input.
    pub preprocess: Preprocess,
    /// From probabilities to mask; goes into the artifact.
    pub postprocess: Postprocess,
    /// What is minimised.
    pub loss: LossConfig,
    /// When the learning rate falls.
    pub plateau: PlateauConfig,
    /// Warm-up and cosine over the whole run instead of `plateau`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub one_cycle: Option<OneCycleConfig>,
    /// Which epoch is best and when to stop.
    pub early_stop: EarlyStopConfig,
    /// How training images are varied.
    pub augment: AugmentConfig,
    /// A positive-frame Dice above this raises the leak alarm; absent: 0.80 on a set with
    /// empties, 0.88 on positives alone (honest nets do not reach these on UNS).
    pub leak_alarm_dice: Option<f64>,
    /// The artifact whose weights the run starts from; absent: they are drawn from the seed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub init: Option<InitConfig>,
}

impl TrainConfig {
    /// Reads a TOML file; what it leaves out is taken from `base`.
    ///
    /// # Errors
    ///
    /// Fails on a file that cannot be read or parsed and on a key that does not exist.
    pub fn from_file(path: &Path, base: &Self) -> Result<Self> {
        let text = std::fs::read_to_string(path).map_err(|source| TrainError::RunFile {
            path: path.to_owned(),
            source,
        })?;
        let failed = |source| TrainError::ParseConfig {
            path: path.to_owned(),
            source: Box::new(source),
        };
        let mut merged = toml::Table::try_from(base).expect("a configuration is plain data");
        merge(&mut merged, toml::from_str(&text).map_err(failed)?);
        merged.try_into().map_err(failed)
    }

    /// The whole configuration as a TOML file that [`from_file`](Self::from_file) reads back.
    pub fn to_toml(&self) -> String {
        toml::to_string_pretty(self).expect("a configuration is plain data")
    }

    /// Every setting by its name in a file, with dots between the sections.
    pub(crate) fn settings(&self) -> BTreeMap<String, toml::Value> {
        let table = toml::from_str(&self.to_toml()).expect("a configuration survives TOML");
        let mut settings = BTreeMap::new();
        flatten("", table, &mut settings);
        settings
    }

    /// Checks every number.
    ///
    /// # Errors
    ///
    /// [`TrainError::InvalidConfig`] names the first setting that is out of range.
    pub fn validate(&self) -> Result<()> {
        self.unet.validate()?;
        self.preprocess.validate()?;
        self.postprocess.validate()?;
        for (section, numbers) in self.numbers() {
            for (name, value, range) in numbers {
                if !range.contains(&value) {
                    return Err(TrainError::InvalidConfig(format!(
                        "`{section}{name}` is {value}, which is out of range"
                    )));
                }
            }
        }
        let of_the_mask = self.loss.of_the_mask();
        if of_the_mask.iter().all(|(_, weight)| *weight <= 0.0) {
            let names: Vec<String> = of_the_mask
                .iter()
                .map(|(name, _)| format!("`loss.{name}`"))
                .collect();
            return Err(TrainError::InvalidConfig(format!(
                "{} are 0: nothing would train the mask",
                names.join(" and ")
            )));
        }
        Ok(())
    }

    /// Sections of a file, with a dot behind each, and what their numbers may be.
    fn numbers(&self) -> Vec<(&'static str, Vec<Number>)> {
        let run = vec![
            ("epochs", f64::from(self.epochs), 1.0..=1e6),
            ("batch_size", self.batch_size as f64, 1.0..=1024.0),
            ("learning_rate", self.learning_rate, ABOVE_ZERO..=1.0),
            ("adam_epsilon", self.adam_epsilon.into(), ABOVE_ZERO..=1.0),
            ("unet.in_channels", self.unet.in_channels as f64, 1.0..=1.0),
            ("weight_decay", self.weight_decay, 0.0..=1.0),
            ("weight_average", self.weight_average, 0.0..=0.99999),
            ("balance", self.balance, 0.0..=1.0),
        ];
        let one_cycle = self.one_cycle.iter().flat_map(OneCycleConfig::numbers);
        vec![
            ("", run),
            ("loss.", self.loss.numbers()),
            ("plateau.", self.plateau.numbers()),
            ("early_stop.", self.early_stop.numbers()),
            ("augment.", self.augment.numbers()),
            ("one_cycle.", one_cycle.collect()),
        ]
    }
}

/// Adds the settings of a table and of those in it.
fn flatten(section: &str, table: toml::Table, settings: &mut BTreeMap<String, toml::Value>) {
    for (key, value) in table {
        let name = format!("{section}{key}");
        match value {
            toml::Value::Table(inner) => flatten(&format!("{name}."), inner, settings),
            value => {
                settings.insert(name, value);
            }
        }
    }
}

/// Lays `over` on top of `base`, table by table.
fn merge(base: &mut toml::Table, over: toml::Table) {
    for (key, value) in over {
        match (base.get_mut(&key), value) {
            (Some(toml::Value::Table(inner)), toml::Value::Table(value)) => merge(inner, value),
            (_, value) => {
                base.insert(key, value);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use nerveseg_model::Fit;

    use super::*;

    fn file(text: &str) -> tempfile::NamedTempFile {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), text).unwrap();
        file
    }

    #[test]
    fn presets_are_valid_and_survive_toml() {
        for name in TrainConfig::PRESETS {
            let config = TrainConfig::preset(name).unwrap();
            config.validate().unwrap();

            let file = file(&config.to_toml());

            assert_eq!(
                TrainConfig::from_file(file.path(), &TrainConfig::small()).unwrap(),
                config
            );
        }
    }

    #[test]
    fn a_file_changes_what_it_names_and_nothing_else() {
        let file = file("epochs = 3\n[augment]\nflip = 0.5\n");

        let config = TrainConfig::from_file(file.path(), &TrainConfig::seed()).unwrap();

        let mut expected = TrainConfig {
            epochs: 3,
            ..TrainConfig::seed()
        };
        expected.augment.geometry.flip = 0.5;
        assert_eq!(config, expected);
    }

    #[test]
    fn a_misspelt_augmentation_is_an_error_that_names_those_there_are() {
        let file = file("[augment]\nflp = 1.0\n");

        let error = TrainConfig::from_file(file.path(), &TrainConfig::seed()).unwrap_err();

        let source = std::error::Error::source(&error).unwrap().to_string();
        assert!(
            source.contains("unknown field `flp`, expected one of `flip`, `zoom`"),
            "{source}"
        );
    }

    #[test]
    fn every_number_of_a_file_is_checked() {
        let config = TrainConfig {
            one_cycle: Some(OneCycleConfig::default()),
            ..TrainConfig::standard()
        };
        let names = config.numbers().into_iter().flat_map(|(section, numbers)| {
            numbers
                .into_iter()
                .map(move |(name, ..)| format!("{section}{name}"))
        });
        let mut checked: Vec<String> = names.collect();

        let mut written = Vec::new();
        for (section, value) in toml::Table::try_from(&config).unwrap() {
            match value {
                toml::Value::Table(settings) => written.extend(
                    settings
                        .into_iter()
                        .filter(|(_, value)| value.is_float() || value.is_integer())
                        .map(|(name, _)| format!("{section}.{name}")),
                ),
                _ => written.push(section),
            }
        }

        // what the model's own checks see to, and a seed, which may be anything
        let foreign = ["unet.", "preprocess.", "postprocess.", "seed"];
        let ours = |name: &String| !foreign.iter().any(|part| name.starts_with(part));
        checked.retain(ours);
        written.retain(ours);
        checked.sort();
        written.sort();
        assert_eq!(checked, written);
    }

    #[test]
    fn the_docs_list_every_setting_with_its_default() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/training.md");
        let docs = std::fs::read_to_string(path).unwrap();
        let (_, docs) = docs.split_once("## Every setting").unwrap();
        let (table, _) = docs.split_once("\n## ").unwrap();
        let quoted = |cell: &str| -> Vec<String> {
            let quoted = cell.split('`').skip(1).step_by(2);
            quoted.map(str::to_owned).collect()
        };
        let mut listed = BTreeMap::new();
        for row in table.lines().filter(|row| row.starts_with("| `")) {
            let cells: Vec<&str> = row.split(" | ").collect();
            let (names, mut values) = (quoted(cells[0]), quoted(cells[1]));
            values.resize(names.len(), String::new());
            listed.extend(names.into_iter().zip(values));
        }

        let everything = TrainConfig {
            preprocess: Preprocess {
                fit: Fit::Pad,
                ..TrainConfig::standard().preprocess
            },
            one_cycle: Some(OneCycleConfig::default()),
            leak_alarm_dice: Some(0.8),
            init: Some(InitConfig {
                name: "bundled".to_owned(),
                sha256: String::new(),
                skip: Some(InitSkip::Head),
            }),
            ..TrainConfig::standard()
        };
        let standard = TrainConfig::standard().settings();
        let default = |name: &String| standard.get(name).map(toml::Value::to_string);
        let names = everything.settings().into_keys();
        let expected: BTreeMap<String, String> = names
            .map(|name| (name.clone(), default(&name).unwrap_or_default()))
            .collect();
        assert_eq!(listed, expected);
    }

    #[test]
    fn a_misspelt_key_is_an_error_that_names_it() {
        let file = file("epoch = 3\n");

        let error = TrainConfig::from_file(file.path(), &TrainConfig::seed()).unwrap_err();

        let source = std::error::Error::source(&error).unwrap().to_string();
        assert!(source.contains("unknown field `epoch`"), "{source}");
    }

    #[test]
    fn a_number_out_of_range_is_named() {
        let error = TrainConfig {
            learning_rate: f64::NAN,
            ..TrainConfig::seed()
        }
        .validate();

        assert!(
            error
                .unwrap_err()
                .to_string()
                .contains("`learning_rate` is NaN")
        );
    }
}
