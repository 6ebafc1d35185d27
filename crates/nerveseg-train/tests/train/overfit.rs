//! The dry run.

use nerveseg_data::Dataset;
use nerveseg_data::phantom::{Phantom, PhantomConfig};
use nerveseg_model::DeviceSpec;
use nerveseg_train::{Overfit, Result, TrainConfig, TrainError, overfit_one_batch};

fn overfit(config: &TrainConfig, positive_fraction: f64, steps: usize) -> Result<Overfit> {
    let folder = tempfile::tempdir().unwrap();
    let phantoms = PhantomConfig {
        subjects: 4,
        frames_per_subject: 6,
        width: 176,
        height: 128,
        positive_fraction,
        ..PhantomConfig::default()
    };
    let path = folder.path().join("phantoms");
    Phantom::new(phantoms)
        .unwrap()
        .write(&path, &|_| {})
        .unwrap();
    let dataset = Dataset::open(&path).unwrap();
    let device = DeviceSpec::Flex.open().unwrap();
    overfit_one_batch(config, &dataset, &device, steps, &mut |_, _| {})
}

#[test]
fn one_batch_of_phantoms_is_learned_by_heart() {
    let report = overfit(&TrainConfig::small(), 0.7, 80).unwrap();

    assert!(report.dice_positive > 0.8 && report.last_loss < report.first_loss / 2.0);
    assert_eq!((report.cases.len(), report.steps), (8, 80));
}

#[test]
fn an_absurd_learning_rate_fails_with_the_numbers() {
    let config = TrainConfig {
        learning_rate: 1.0,
        ..TrainConfig::small()
    };

    let error = overfit(&config, 0.7, 20).unwrap_err();

    assert!(
        matches!(error, TrainError::OverfitFailed { steps: 20, .. }),
        "{error}"
    );
    let text = error.to_string();
    assert!(
        text.starts_with("overfitting one batch failed: loss went from "),
        "{text}"
    );
}

#[test]
fn a_set_without_a_nerve_is_refused() {
    let error = overfit(&TrainConfig::small(), 0.0, 1).unwrap_err();

    assert_eq!(
        error.to_string(),
        "the train part of the split has no cases; one batch of frames with a nerve is needed, \
         and none was found"
    );
}

/// The statistics of the seed system need hundreds of steps to catch up.
#[test]
fn slow_statistics_are_no_reason_to_fail() {
    let mut config = TrainConfig::small();
    config.unet.norm_momentum = 0.01;

    let report = overfit(&config, 0.7, 80).unwrap();

    assert!(report.dice_positive > 0.8);
}
