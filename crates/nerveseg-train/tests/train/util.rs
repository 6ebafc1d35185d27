//! A tiny dataset, a tiny network, and a run of both.

use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};

use nerveseg_data::phantom::{Phantom, PhantomConfig};
use nerveseg_data::{Dataset, Partition, Split};
use nerveseg_model::{DeviceSpec, Provenance, UNetConfig};
use nerveseg_train::step::{Sample, load_samples};
use nerveseg_train::{
    Ancestor, FitInput, FitOutcome, Result, RunFolder, TrainConfig, TrainEvent, fit,
};

/// Phantoms on disk; the folder goes when this does.
pub(crate) struct Data {
    _folder: tempfile::TempDir,
    pub(crate) dataset: Dataset,
    pub(crate) partition: Partition,
}

/// Five people with six frames: three to train on, one to watch, one to test.
pub(crate) fn data() -> Data {
    let folder = tempfile::tempdir().unwrap();
    let config = PhantomConfig {
        subjects: 5,
        frames_per_subject: 6,
        width: 96,
        height: 64,
        positive_fraction: 0.7,
        seed: 3,
        ..PhantomConfig::default()
    };
    let path = folder.path().join("phantoms");
    Phantom::new(config).unwrap().write(&path, &|_| {}).unwrap();
    let dataset = Dataset::open(&path).unwrap();
    let split = Split::new(vec![1, 2, 3], vec![4], vec![5]).unwrap();
    let partition = split.resolve(&dataset);
    Data {
        _folder: folder,
        dataset,
        partition,
    }
}

/// Two epochs of four steps, the last one smaller.
pub(crate) fn config() -> TrainConfig {
    let mut config = TrainConfig {
        epochs: 2,
        batch_size: 5,
        unet: UNetConfig {
            features: vec![4, 6, 8],
            ..UNetConfig::small()
        },
        ..TrainConfig::small()
    };
    (config.preprocess.height, config.preprocess.width) = (32, 44);
    config
}

/// Steps of one epoch of [`config`] on [`data`].
pub(crate) const STEPS: usize = 4;

/// The training cases at the network's size.
pub(crate) fn samples(data: &Data, config: &TrainConfig) -> Vec<Sample> {
    let cases = &data.partition.train;
    load_samples(&data.dataset, cases, &config.preprocess, &|_| {}).unwrap()
}

/// Starts the run in `path` or goes on with it, on flex; `watch` may raise the flag to stop.
pub(crate) fn train(
    data: &Data,
    config: &TrainConfig,
    path: &Path,
    watch: &mut dyn FnMut(&TrainEvent<'_>, &AtomicBool),
) -> Result<FitOutcome> {
    train_watched(data, config, None, path, watch)
}

/// [`train`] that starts from given weights.
fn train_watched(
    data: &Data,
    config: &TrainConfig,
    ancestor: Option<&Ancestor>,
    path: &Path,
    watch: &mut dyn FnMut(&TrainEvent<'_>, &AtomicBool),
) -> Result<FitOutcome> {
    let folder = RunFolder::create(path).or_else(|_| RunFolder::open(path))?;
    let stop = AtomicBool::new(false);
    let input = FitInput {
        dataset: &data.dataset,
        partition: &data.partition,
        splits: None,
        allow_overlap: false,
        device: DeviceSpec::Flex.open()?,
        folder: &folder,
        ancestor,
        provenance: Provenance::default(),
        stop: &stop,
    };
    fit(config, &input, &mut |event| watch(&event, &stop))
}

/// [`train`] that asks to stop after `limit` steps.
pub(crate) fn train_steps(
    data: &Data,
    config: &TrainConfig,
    path: &Path,
    limit: usize,
) -> Result<FitOutcome> {
    train_steps_from(data, config, None, path, limit)
}

/// [`train_steps`] from given weights.
pub(crate) fn train_steps_from(
    data: &Data,
    config: &TrainConfig,
    ancestor: Option<&Ancestor>,
    path: &Path,
    limit: usize,
) -> Result<FitOutcome> {
    let mut steps = 0;
    train_watched(data, config, ancestor, path, &mut |event, stop| {
        if matches!(event, TrainEvent::Step { .. }) {
            steps += 1;
            stop.store(steps >= limit, Ordering::Relaxed);
        }
    })
}

/// [`train`] to the end.
pub(crate) fn train_all(data: &Data, config: &TrainConfig, path: &Path) -> Result<FitOutcome> {
    train_from(data, config, None, path)
}

/// [`train_all`] from given weights.
pub(crate) fn train_from(
    data: &Data,
    config: &TrainConfig,
    ancestor: Option<&Ancestor>,
    path: &Path,
) -> Result<FitOutcome> {
    train_watched(data, config, ancestor, path, &mut |_, _| {})
}

/// What two equal runs must have in common.
pub(crate) fn results(path: &Path) -> Vec<(&'static str, Vec<u8>)> {
    [
        "metrics.jsonl",
        "checkpoint.safetensors",
        "best.safetensors",
    ]
    .map(|name| (name, std::fs::read(path.join(name)).unwrap()))
    .into()
}

/// Compares [`results`] without printing megabytes.
pub(crate) fn assert_same_results(a: &Path, b: &Path, what: &str) {
    for ((name, a), (_, b)) in results(a).into_iter().zip(results(b)) {
        assert!(a == b, "{what}: `{name}` differs");
    }
}
