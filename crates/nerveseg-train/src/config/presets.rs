//! Settings to start from.

use nerveseg_model::{Fit, Normalisation, Postprocess, Preprocess, UNetConfig};

use super::TrainConfig;
use crate::augment::AugmentConfig;
use crate::error::{Result, TrainError};
use crate::loss::LossConfig;
use crate::optim::{EarlyStopConfig, Metric, OneCycleConfig, PlateauConfig};

impl Default for TrainConfig {
    fn default() -> Self {
        Self::standard()
    }
}

impl TrainConfig {
    /// Names that [`preset`](Self::preset) knows.
    pub const PRESETS: [&str; 4] = ["seed", "default", "small", "finetune"];

    /// Ours: the true aspect of UNS, BCE and soft Dice and presence, augmentation without mirror.
    pub fn standard() -> Self {
        Self {
            epochs: 50,
            batch_size: 16,
            learning_rate: 1e-3,
            adam_epsilon: 1e-7,
            weight_decay: 0.0,
            weight_average: 0.0,
            balance: 0.0,
            seed: 1,
            unet: UNetConfig::standard(),
            preprocess: Preprocess {
                height: 128,
                width: 176,
                fit: Fit::Stretch,
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
            init: None,
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
                fit: Fit::Stretch,
                normalisation: Normalisation::Unit,
            },
            postprocess: Postprocess::default(),
            loss: LossConfig {
                bce: 1.0,
                ..LossConfig::none()
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

    /// Goes on from given weights with as few as twenty labelled frames: small steps, one cycle, and
    /// the validation loss decides, which moves where Dice on three frames jumps.
    pub fn finetune() -> Self {
        Self {
            epochs: 30,
            batch_size: 4,
            learning_rate: 3e-4,
            weight_decay: 0.02,
            weight_average: 0.9,
            one_cycle: Some(OneCycleConfig::default()),
            early_stop: EarlyStopConfig {
                metric: Metric::ValLoss,
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
            "finetune" => Ok(Self::finetune()),
            _ => Err(TrainError::InvalidConfig(format!(
                "unknown preset `{name}`, expected one of {:?}",
                Self::PRESETS
            ))),
        }
    }
}
