//! Settings of a training run: presets, TOML files, checks.

use std::path::Path;

use nerveseg_model::{Normalisation, Postprocess, Preprocess, UNetConfig};
use serde::{Deserialize, Serialize};

use crate::error::{Result, TrainError};

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
}

/// Weights of the terms of the loss.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct LossConfig {
    /// Weight of the pixels' binary cross-entropy.
    pub bce: f64,
    /// Weight of the soft Dice loss.
    pub dice: f64,
    /// Weight of the presence head's binary cross-entropy.
    pub presence: f64,
}

/// Reduce-on-plateau schedule.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct PlateauConfig {
    /// The learning rate is multiplied by this.
    pub factor: f64,
    /// Epochs without improvement of the monitored metric before it is.
    pub patience: u32,
    /// It never falls below this.
    pub min_learning_rate: f64,
}

/// One rise and one fall of the learning rate (Smith & Topin, 2019, arXiv:1708.07120).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct OneCycleConfig {
    /// Share of all steps in which the learning rate rises to its peak in a straight line.
    pub warm_up: f64,
    /// The learning rate starts and ends, along a cosine, at this share of its peak.
    pub end: f64,
}

/// Which epoch is best and when to stop.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct EarlyStopConfig {
    /// The metric that decides.
    pub metric: Metric,
    /// Epochs without improvement before training stops.
    pub patience: u32,
}

/// A validation score that can decide which epoch is best.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Metric {
    /// Validation loss, lower is better.
    ValLoss,
    /// Mean per-image Dice with the Kaggle rule for empties, higher is better.
    ValDiceMean,
    /// Mean Dice over positive frames, higher is better.
    ValDicePositive,
    /// No score: the latest epoch is the best. For one cycle, or where the validation part is too
    /// small to choose by.
    Latest,
}

/// How training images are varied; everything at 0 turns a step off.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct AugmentConfig {
    /// Probability of mirroring left and right. In UNS the sides mean something: off by default.
    pub flip: f64,
    /// Zoom is drawn from `1 ± zoom`.
    pub zoom: f64,
    /// Shift of each axis is drawn from `± shift` of its length.
    pub shift: f64,
    /// Rotation is drawn from `± rotation` degrees.
    pub rotation: f64,
    /// Brightness factor is drawn from `1 ± gain`.
    pub gain: f64,
    /// Exponent is drawn from `1 ± gamma`.
    pub gamma: f64,
    /// Standard deviation of multiplicative noise, drawn from `0..speckle` for each image.
    pub speckle: f64,
    /// Brightness rises or falls along each axis by up to this share from the middle to the edge,
    /// as a depth gain set otherwise would do.
    pub shade: f64,
    /// Standard deviation of a blur in pixels, drawn from `0..blur` for each image.
    pub blur: f64,
    /// Probability that tissue of another frame, without a nerve, is grafted over the nerve: an
    /// empty frame.
    pub vacate: f64,
    /// What the mask of such a frame counts in the loss, beside 1 for every other; its presence
    /// counts in any case.
    pub vacate_weight: f64,
    /// Probability that the nerve of another frame is grafted in its place.
    pub transplant: f64,
    /// Probability that tissue of another frame is grafted elsewhere, so that a graft is no sign
    /// of an empty frame.
    pub decoy: f64,
    /// Probability that a part of the frame is looked at instead, with its nerve or beside it: an
    /// empty frame.
    pub window: f64,
}

impl AugmentConfig {
    /// No variation at all.
    pub fn none() -> Self {
        Self {
            flip: 0.0,
            zoom: 0.0,
            shift: 0.0,
            rotation: 0.0,
            gain: 0.0,
            gamma: 0.0,
            speckle: 0.0,
            shade: 0.0,
            blur: 0.0,
            vacate: 0.0,
            vacate_weight: 0.0,
            transplant: 0.0,
            decoy: 0.0,
            window: 0.0,
        }
    }
}

impl Default for AugmentConfig {
    fn default() -> Self {
        Self {
            flip: 0.0,
            zoom: 0.12,
            shift: 0.06,
            rotation: 8.0,
            gain: 0.2,
            gamma: 0.25,
            speckle: 0.15,
            shade: 0.0,
            blur: 0.0,
            vacate: 0.0,
            vacate_weight: 0.0,
            transplant: 0.0,
            decoy: 0.0,
            window: 0.0,
        }
    }
}

impl Default for LossConfig {
    fn default() -> Self {
        Self {
            bce: 1.0,
            dice: 1.0,
            presence: 0.5,
        }
    }
}

impl Default for PlateauConfig {
    fn default() -> Self {
        Self {
            factor: 0.3,
            patience: 4,
            min_learning_rate: 1e-5,
        }
    }
}

impl Default for OneCycleConfig {
    fn default() -> Self {
        Self {
            warm_up: 0.2,
            end: 0.01,
        }
    }
}

impl Default for EarlyStopConfig {
    fn default() -> Self {
        Self {
            metric: Metric::ValDicePositive,
            patience: 10,
        }
    }
}

impl Default for TrainConfig {
    fn default() -> Self {
        Self::standard()
    }
}

impl TrainConfig {
    /// Names that [`preset`](Self::preset) knows.
    pub const PRESETS: [&str; 3] = ["seed", "default", "small"];

    /// Ours: the true aspect of UNS, BCE and soft Dice and presence, augmentation without mirror.
    pub fn standard() -> Self {
        Self {
            epochs: 50,
            batch_size: 16,
            learning_rate: 1e-3,
            adam_epsilon: 1e-7,
            weight_decay: 0.0,
            weight_average: 0.0,
            seed: 1,
            unet: UNetConfig::standard(),
            preprocess: Preprocess {
                height: 128,
                width: 176,
                normalisation: Normalisation::PerImage,
            },
            postprocess: Postprocess {
                presence_threshold: 0.5,
                keep_largest_component: true,
                ..Postprocess::default()
            },
            loss: LossConfig::default(),
            plateau: PlateauConfig::default(),
            one_cycle: None,
            early_stop: EarlyStopConfig::default(),
            augment: AugmentConfig::default(),
            leak_alarm_dice: None,
        }
    }

    /// The seed system's recipe: 128×128, Adam 1e-3, BCE, batch 32, 50 epochs, patience 10.
    pub fn seed() -> Self {
        Self {
            batch_size: 32,
            unet: UNetConfig::seed(),
            preprocess: Preprocess {
                height: 128,
                width: 128,
                normalisation: Normalisation::Unit,
            },
            postprocess: Postprocess::default(),
            loss: LossConfig {
                bce: 1.0,
                dice: 0.0,
                presence: 0.0,
            },
            plateau: PlateauConfig {
                factor: 0.1,
                patience: 5,
                min_learning_rate: 1e-5,
            },
            early_stop: EarlyStopConfig {
                metric: Metric::ValLoss,
                patience: 10,
            },
            augment: AugmentConfig::none(),
            ..Self::standard()
        }
    }

    /// A toy that trains in seconds, for tests and demonstrations.
    pub fn small() -> Self {
        Self {
            batch_size: 8,
            epochs: 12,
            learning_rate: 3e-3,
            unet: UNetConfig::small(),
            preprocess: Preprocess {
                height: 64,
                width: 88,
                ..Self::standard().preprocess
            },
            // a presence head needs more subjects than a toy has: the pixels decide
            postprocess: Postprocess {
                min_area_fraction: 0.003,
                keep_largest_component: true,
                ..Postprocess::default()
            },
            early_stop: EarlyStopConfig {
                metric: Metric::ValDiceMean,
                patience: 10,
            },
            ..Self::standard()
        }
    }

    /// The preset of that name.
    ///
    /// # Errors
    ///
    /// [`TrainError::InvalidConfig`] lists the names that exist.
    pub fn preset(name: &str) -> Result<Self> {
        match name {
            "seed" => Ok(Self::seed()),
            "default" => Ok(Self::standard()),
            "small" => Ok(Self::small()),
            _ => Err(TrainError::InvalidConfig(format!(
                "unknown preset `{name}`, expected one of {:?}",
                Self::PRESETS
            ))),
        }
    }

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

    /// Checks every number.
    ///
    /// # Errors
    ///
    /// [`TrainError::InvalidConfig`] names the first setting that is out of range.
    pub fn validate(&self) -> Result<()> {
        self.unet.validate()?;
        self.preprocess.validate()?;
        self.postprocess.validate()?;
        let (loss, augment) = (&self.loss, &self.augment);
        let (plateau, early_stop) = (&self.plateau, &self.early_stop);
        let above_zero = f64::MIN_POSITIVE;
        let one_cycle = self.one_cycle.clone().unwrap_or_default();
        let checks = [
            ("epochs", f64::from(self.epochs), 1.0..=1e6),
            ("batch_size", self.batch_size as f64, 1.0..=1024.0),
            ("learning_rate", self.learning_rate, above_zero..=1.0),
            ("adam_epsilon", self.adam_epsilon.into(), above_zero..=1.0),
            ("unet.in_channels", self.unet.in_channels as f64, 1.0..=1.0),
            ("weight_decay", self.weight_decay, 0.0..=1.0),
            ("weight_average", self.weight_average, 0.0..=0.99999),
            ("loss.bce", loss.bce, 0.0..=1e6),
            ("loss.dice", loss.dice, 0.0..=1e6),
            ("loss.presence", loss.presence, 0.0..=1e6),
            ("plateau.factor", plateau.factor, above_zero..=0.999),
            ("plateau.patience", plateau.patience.into(), 1.0..=1e6),
            (
                "plateau.min_learning_rate",
                plateau.min_learning_rate,
                0.0..=1.0,
            ),
            ("early_stop.patience", early_stop.patience.into(), 1.0..=1e6),
            ("augment.flip", augment.flip, 0.0..=1.0),
            ("augment.zoom", augment.zoom, 0.0..=0.9),
            ("augment.shift", augment.shift, 0.0..=1.0),
            ("augment.rotation", augment.rotation, 0.0..=180.0),
            ("augment.gain", augment.gain, 0.0..=0.9),
            ("augment.gamma", augment.gamma, 0.0..=0.9),
            ("augment.speckle", augment.speckle, 0.0..=1.0),
            ("augment.shade", augment.shade, 0.0..=0.9),
            ("augment.blur", augment.blur, 0.0..=10.0),
            ("augment.vacate", augment.vacate, 0.0..=1.0),
            ("augment.vacate_weight", augment.vacate_weight, 0.0..=1.0),
            ("augment.transplant", augment.transplant, 0.0..=1.0),
            ("augment.decoy", augment.decoy, 0.0..=1.0),
            ("augment.window", augment.window, 0.0..=1.0),
            ("one_cycle.warm_up", one_cycle.warm_up, 0.0..=1.0),
            ("one_cycle.end", one_cycle.end, 0.0..=1.0),
        ];
        if let Some((name, value, _)) = checks.iter().find(|(_, v, range)| !range.contains(v)) {
            return Err(TrainError::InvalidConfig(format!(
                "`{name}` is {value}, which is out of range"
            )));
        }
        if self.loss.bce + self.loss.dice <= 0.0 {
            let message = "`loss.bce` and `loss.dice` are both 0: nothing would train the mask";
            return Err(TrainError::InvalidConfig(message.to_owned()));
        }
        Ok(())
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
        expected.augment.flip = 0.5;
        assert_eq!(config, expected);
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
