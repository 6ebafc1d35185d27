//! Runs that start from the weights of an artifact.

use std::path::Path;

use nerveseg_model::weights::{HostTensor, is_head};
use nerveseg_model::{Manifest, Provenance, artifact};
use nerveseg_train::settings::InitSkip;
use nerveseg_train::{Ancestor, TrainConfig, TrainError};
use tempfile::{TempDir, tempdir};

use crate::util::{
    Data, STEPS, assert_same_results, config, data, train_all, train_from, train_steps_from,
};

/// An artifact of the network of [`config`], trained for one epoch.
fn given(data: &Data) -> (TempDir, Ancestor) {
    let folder = tempdir().unwrap();
    let mut config = TrainConfig {
        epochs: 1,
        ..config()
    };
    config.postprocess.threshold = 0.4;
    train_all(data, &config, folder.path()).unwrap();
    let ancestor = Ancestor::load(&folder.path().join("best.safetensors"), "given").unwrap();
    (folder, ancestor)
}

/// Settings of another preset, into which `ancestor` has passed on its own.
fn tuned(ancestor: &Ancestor, skip: Option<InitSkip>) -> TrainConfig {
    let mut config = TrainConfig {
        epochs: 2,
        batch_size: 5,
        weight_average: 0.9,
        ..TrainConfig::finetune()
    };
    ancestor.pass_on(&mut config, skip);
    config
}

/// Tensors and manifest of an artifact in the run folder.
fn saved(run: &Path, name: &str) -> (nerveseg_model::weights::NamedTensors, Manifest) {
    artifact::load(&run.join(name)).unwrap()
}

#[test]
fn network_preprocessing_and_thresholds_are_passed_on() {
    let data = data();
    let (_folder, ancestor) = given(&data);

    let whole = tuned(&ancestor, None);
    let headless = tuned(&ancestor, Some(InitSkip::Head));

    assert_eq!(
        (&whole.unet, &whole.preprocess),
        (&config().unet, &config().preprocess)
    );
    assert!((whole.postprocess.threshold - 0.4).abs() < 1e-6);
    assert_eq!(headless.postprocess, TrainConfig::finetune().postprocess);
}

/// Steps too small to be seen: what the run begins with is what it ends with.
#[test]
fn it_begins_with_the_given_weights_and_says_so() {
    let data = data();
    let (_folder, ancestor) = given(&data);
    let run = tempdir().unwrap();
    let mut config = tuned(&ancestor, None);
    (config.learning_rate, config.weight_decay) = (1e-12, 0.0);

    train_from(&data, &config, Some(&ancestor), run.path()).unwrap();

    let (before, _) = saved(run.path(), "init.safetensors");
    let (after, manifest) = saved(run.path(), "best.safetensors");
    for (name, tensor) in &before {
        let moved = tensor.values().iter().zip(after[name].values());
        let statistic = name.contains(".running_");
        let furthest = moved.map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
        assert!(statistic || furthest < 1e-6, "{name} moved by {furthest}");
    }
    let started = manifest.provenance.started_from.unwrap();
    assert_eq!(started.name, "given");
    assert_eq!(started.sha256, ancestor.manifest().sha256);
    assert_eq!(started.skipped, None);
    assert_eq!(*started.provenance, ancestor.manifest().provenance);
}

#[test]
fn skipped_heads_are_drawn_from_the_seed() {
    let data = data();
    let (_folder, ancestor) = given(&data);
    let run = tempdir().unwrap();
    let mut config = tuned(&ancestor, Some(InitSkip::Head));
    (config.learning_rate, config.weight_decay) = (1e-12, 0.0);

    train_from(&data, &config, Some(&ancestor), run.path()).unwrap();

    let drawn = config.unet.initial_tensors(config.seed).unwrap();
    let (given, _) = saved(run.path(), "init.safetensors");
    let (after, manifest) = saved(run.path(), "best.safetensors");
    let near = |a: &HostTensor, b: &HostTensor| {
        let mut pairs = a.values().iter().zip(b.values());
        pairs.all(|(a, b)| (a - b).abs() < 1e-6)
    };
    for name in ["head.weight", "presence.weight"] {
        assert!(is_head(name) && near(&after[name], &drawn[name]), "{name}");
        assert!(!near(&after[name], &given[name]), "{name}");
    }
    assert!(near(
        &after["encoder.0.conv1.weight"],
        &given["encoder.0.conv1.weight"]
    ));
    let started = manifest.provenance.started_from.unwrap();
    assert_eq!(started.skipped.as_deref(), Some("head"));
}

#[test]
fn stopped_after_any_step_and_resumed_it_ends_the_same() {
    let data = data();
    let (_folder, ancestor) = given(&data);
    for skip in [None, Some(InitSkip::Head)] {
        let config = tuned(&ancestor, skip);
        let whole = tempdir().unwrap();
        train_from(&data, &config, Some(&ancestor), whole.path()).unwrap();

        for limit in [1, STEPS, STEPS + 1] {
            let folder = tempdir().unwrap();
            train_steps_from(&data, &config, Some(&ancestor), folder.path(), limit).unwrap();

            // the copy in the folder will do
            let copy = folder.path().join("init.safetensors");
            let copy = Ancestor::load(&copy, "another name").unwrap();
            train_from(&data, &config, Some(&copy), folder.path()).unwrap();

            assert_same_results(whole.path(), folder.path(), &format!("after {limit} steps"));
        }
    }
}

#[test]
fn resuming_from_other_weights_is_refused() {
    let data = data();
    let (_folder, ancestor) = given(&data);
    let run = tempdir().unwrap();
    let config = tuned(&ancestor, None);
    train_steps_from(&data, &config, Some(&ancestor), run.path(), 1).unwrap();
    let mut drawn = config.clone();
    drawn.init = None;
    let mut other = config;
    other.init.as_mut().unwrap().sha256 = "0".repeat(64);

    for asked in [&drawn, &other] {
        let error = train_from(&data, asked, Some(&ancestor), run.path()).unwrap_err();

        assert!(
            matches!(error, TrainError::ResumeMismatch { .. }),
            "{error}"
        );
        let expected = format!(
            "`init.sha256` is \"{}\" in the run",
            ancestor.manifest().sha256
        );
        assert!(error.to_string().contains(&expected), "{error}");
    }
}

#[test]
fn settings_that_name_weights_need_them() {
    let data = data();
    let (_folder, ancestor) = given(&data);
    let config = tuned(&ancestor, None);
    let run = tempdir().unwrap();

    let error = train_from(&data, &config, None, run.path()).unwrap_err();

    let sha256 = &ancestor.manifest().sha256;
    assert_eq!(
        error.to_string(),
        format!(
            "the settings say that the run starts from `given` (SHA-256 {sha256}), \
             and nothing was given; give it with `--init`"
        )
    );
}

#[test]
fn a_network_that_does_not_fit_is_told_by_settings_and_tensors() {
    let data = data();
    let (_folder, ancestor) = given(&data);
    let mut wider = tuned(&ancestor, None);
    wider.unet.features = vec![4, 6, 10];
    wider.preprocess.height = 48;

    let text = ancestor.check(&wider).unwrap_err().to_string();

    for expected in [
        "cannot start from `given`: `preprocess.height` is 32 there, 48 was asked for; ",
        "`unet.features` is [4, 6, 8] there, [4, 6, 10] was asked for; ",
        "tensors do not fit: `bottleneck.conv1.weight` is [8, 6, 3, 3], expected [10, 6, 3, 3], ",
        " more",
    ] {
        assert!(text.contains(expected), "{text}");
    }
}

#[test]
fn a_head_too_many_or_too_few_fits_only_without_the_heads() {
    let data = data();
    let (_folder, ancestor) = given(&data);
    let asked = |skip| {
        let mut config = tuned(&ancestor, skip);
        config.unet.presence_head = false;
        config
    };

    let text = ancestor.check(&asked(None)).unwrap_err().to_string();

    assert!(
        text.contains("`unet.presence_head` is true there, false was asked for"),
        "{text}"
    );
    assert!(
        text.contains("`presence.weight` is [8, 1], and there is no such tensor"),
        "{text}"
    );
    ancestor.check(&asked(Some(InitSkip::Head))).unwrap();
}

#[test]
fn what_only_counts_in_training_may_differ() {
    let data = data();
    let (_folder, ancestor) = given(&data);
    let mut config = tuned(&ancestor, None);
    (config.unet.dropout, config.unet.norm_momentum) = (0.1, 0.02);

    ancestor.check(&config).unwrap();
}

/// An artifact whose manifest describes another network than its tensors are of.
#[test]
fn tensors_that_do_not_fit_their_own_manifest_are_told() {
    let config = config();
    let mut tensors = config.unet.initial_tensors(1).unwrap();
    tensors.insert("head.bias".to_owned(), HostTensor::full(vec![2], 0.0));
    tensors.remove("presence.bias");
    let manifest = Manifest::new(
        config.unet.clone(),
        config.preprocess.clone(),
        config.postprocess,
        Provenance::default(),
    );
    let ancestor = Ancestor::from_bytes(&artifact::encode(&tensors, &manifest), "odd").unwrap();

    let error = ancestor.check(&tuned(&ancestor, None)).unwrap_err();

    assert_eq!(
        error.to_string(),
        "cannot start from `odd`: 2 tensors do not fit: `presence.bias` is missing, expected [1], \
         `head.bias` is [2], expected [1]"
    );
}
