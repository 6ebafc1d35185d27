//! Whole runs: what they leave, and what stops them.

use std::sync::atomic::AtomicBool;

use nerveseg_data::Partition;
use nerveseg_model::{DeviceSpec, Provenance, Segmenter};
use nerveseg_train::{
    Alarm, Ending, EpochRecord, FitInput, RunFolder, TrainConfig, TrainError, TrainEvent, fit,
};

use crate::util::{Data, STEPS, assert_same_results, config, data, train, train_all};

#[test]
fn a_run_leaves_metrics_weights_and_a_checkpoint() {
    let (data, folder) = (data(), tempfile::tempdir().unwrap());
    let (mut steps, mut epochs) = (Vec::new(), 0);

    let outcome = train(
        &data,
        &config(),
        folder.path(),
        &mut |event, _| match event {
            TrainEvent::Step {
                epoch,
                step,
                steps: of,
                loss,
            } => {
                assert!(loss.is_finite());
                steps.push((*epoch, *step, *of));
            }
            TrainEvent::Epoch { .. } => epochs += 1,
            _ => {}
        },
    )
    .unwrap();

    assert_eq!(outcome.ending, Ending::Completed);
    assert_eq!((outcome.history.len(), epochs), (2, 2));
    let expected: Vec<_> = (1..=2)
        .flat_map(|epoch| (1..=STEPS).map(move |step| (epoch, step, STEPS)))
        .collect();
    assert_eq!(steps, expected);

    let metrics = std::fs::read_to_string(folder.path().join("metrics.jsonl")).unwrap();
    let read: Vec<EpochRecord> = metrics
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(read.len(), 2);
    assert_eq!(read[0].epoch, 1);
    assert!((read[1].train_loss - outcome.history[1].train_loss).abs() < 1e-12);

    let best = Segmenter::from_file(folder.path().join("best.safetensors"), DeviceSpec::Flex);
    let provenance = best.unwrap().manifest().provenance.clone();
    assert_eq!(provenance.train_subjects, [1, 2, 3]);
    assert_eq!(provenance.validation_subjects, [4]);
    let fingerprint = data.dataset.fingerprint(&|_| {}).unwrap();
    assert_eq!(provenance.data_fingerprint, Some(fingerprint));
    assert_eq!(provenance.epoch, outcome.best_epoch);
    assert_eq!(provenance.metrics["epoch"], outcome.best_epoch.unwrap());
    let timings = std::fs::read_to_string(folder.path().join("timings.jsonl")).unwrap();
    assert_eq!(timings.lines().count(), 2);
}

/// Flex works on all cores; the sums must not depend on which of them comes first.
#[test]
fn the_same_run_twice_gives_the_same_bytes() {
    let data = data();
    let [a, b] = [(); 2].map(|()| tempfile::tempdir().unwrap());

    for folder in [&a, &b] {
        train_all(&data, &config(), folder.path()).unwrap();
    }

    assert_same_results(a.path(), b.path(), "second run");
}

#[test]
fn another_seed_is_another_run() {
    let data = data();
    let mut last = Vec::new();
    for seed in [1, 2] {
        let folder = tempfile::tempdir().unwrap();
        let config = TrainConfig { seed, ..config() };
        let outcome = train_all(&data, &config, folder.path()).unwrap();
        last.push(outcome.history[1].train_loss);
    }

    assert!((last[0] - last[1]).abs() > 1e-6);
}

fn refused(data: &Data, config: &TrainConfig) -> TrainError {
    let folder = tempfile::tempdir().unwrap();
    train_all(data, config, folder.path()).unwrap_err()
}

#[test]
fn a_subject_in_two_parts_is_refused() {
    let mut data = data();
    let stray = data.partition.train[0];
    data.partition.validation.push(stray);

    let error = refused(&data, &config());

    assert_eq!(
        error.to_string(),
        "subjects [1] are in more than one part of the split: scores would be worthless"
    );
}

#[test]
fn an_allowed_overlap_raises_an_alarm() {
    let mut data = data();
    data.partition.validation = data.partition.train.clone();
    let folder = tempfile::tempdir().unwrap();
    let run = RunFolder::create(folder.path()).unwrap();
    let config = TrainConfig {
        epochs: 1,
        ..config()
    };
    let input = FitInput {
        dataset: &data.dataset,
        partition: &data.partition,
        splits: None,
        allow_overlap: true,
        device: DeviceSpec::Flex.open().unwrap(),
        folder: &run,
        ancestor: None,
        provenance: Provenance::default(),
        stop: &AtomicBool::new(false),
    };
    let mut told = Vec::new();

    let outcome = fit(&config, &input, &mut |event| {
        if let TrainEvent::Alarm(alarm) = event {
            told.push(alarm.clone());
        }
    })
    .unwrap();

    assert!(told.contains(&Alarm::FrameSplit { subjects: 3 }));
    assert!(outcome.alarms.contains(&Alarm::FrameSplit { subjects: 3 }));
}

#[test]
fn an_empty_part_is_refused() {
    let mut data = data();
    data.partition = Partition {
        validation: Vec::new(),
        ..data.partition
    };

    let error = refused(&data, &config()).to_string();

    assert!(
        error.starts_with("the validation part of the split has no cases; give it"),
        "{error}"
    );
}

#[test]
fn a_network_that_finds_nothing_raises_the_collapse_alarm() {
    let (data, folder) = (data(), tempfile::tempdir().unwrap());
    let mut config = TrainConfig {
        epochs: 6,
        ..config()
    };
    // no pixel gets there, so every mask is empty
    config.postprocess.threshold = 1.0;
    let mut told = Vec::new();

    let outcome = train(&data, &config, folder.path(), &mut |event, _| {
        if let TrainEvent::Alarm(alarm) = event {
            told.push((*alarm).clone());
        }
    })
    .unwrap();

    assert_eq!(told, [Alarm::CollapseToEmpty { epoch: 5 }]);
    assert!(outcome.alarms.iter().any(Alarm::is_failure));
}

#[test]
fn training_stops_early_when_nothing_improves() {
    let (data, folder) = (data(), tempfile::tempdir().unwrap());
    let mut config = TrainConfig {
        epochs: 9,
        ..config()
    };
    config.postprocess.threshold = 1.0;
    config.early_stop.patience = 2;

    let outcome = train_all(&data, &config, folder.path()).unwrap();

    // the first epoch is the best so far whatever it scores
    assert_eq!(outcome.ending, Ending::StoppedEarly);
    assert_eq!((outcome.history.len(), outcome.best_epoch), (3, Some(1)));

    // more patience may be asked for later
    config.early_stop.patience = 3;
    let outcome = train_all(&data, &config, folder.path()).unwrap();
    assert_eq!(outcome.history.len(), 4);
}

#[test]
fn a_folder_with_a_run_is_not_written_over() {
    let (data, folder) = (data(), tempfile::tempdir().unwrap());
    train_all(&data, &config(), folder.path()).unwrap();

    let error = RunFolder::create(folder.path()).unwrap_err();

    assert!(
        error
            .to_string()
            .contains("already holds a run; add `--resume`")
    );
}
