//! A run that was cut short and goes on is a run that was not cut short.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::process::Command;

use nerveseg_model::artifact::{checksum, decode_tensors, encode_tensors};
use nerveseg_model::weights::HostTensor;
use nerveseg_train::{Ending, TrainConfig, TrainError, TrainEvent};

use crate::util::{STEPS, assert_same_results, config, data, train, train_all, train_steps};

fn checkpoint(folder: &Path) -> std::path::PathBuf {
    folder.join("checkpoint.safetensors")
}

#[test]
fn stopped_after_any_step_and_resumed_it_ends_the_same() {
    let (data, whole) = (data(), tempfile::tempdir().unwrap());
    train_all(&data, &config(), whole.path()).unwrap();

    // first step, mid-epoch, last step of an epoch, first of the next, very last
    for limit in [1, 2, STEPS, STEPS + 1, 2 * STEPS] {
        let folder = tempfile::tempdir().unwrap();
        let cut = train_steps(&data, &config(), folder.path(), limit).unwrap();
        assert_eq!(cut.ending, Ending::Interrupted, "after {limit} steps");

        let outcome = train_all(&data, &config(), folder.path()).unwrap();

        assert_eq!(outcome.ending, Ending::Completed);
        assert_same_results(whole.path(), folder.path(), &format!("after {limit} steps"));
    }
}

#[test]
fn stopped_after_every_single_step_it_ends_the_same() {
    let (data, whole, folder) = (
        data(),
        tempfile::tempdir().unwrap(),
        tempfile::tempdir().unwrap(),
    );
    train_all(&data, &config(), whole.path()).unwrap();

    for _ in 0..2 * STEPS {
        train_steps(&data, &config(), folder.path(), 1).unwrap();
    }
    train_all(&data, &config(), folder.path()).unwrap();

    assert_same_results(whole.path(), folder.path(), "in single steps");
}

/// Nothing is saved on the way out, as with `kill -9`.
#[test]
fn killed_without_a_word_and_resumed_it_ends_the_same() {
    let (data, whole) = (data(), tempfile::tempdir().unwrap());
    train_all(&data, &config(), whole.path()).unwrap();

    for victim in [1, STEPS, STEPS + 2] {
        let folder = tempfile::tempdir().unwrap();
        let mut steps = 0;
        let killed = catch_unwind(AssertUnwindSafe(|| {
            train(&data, &config(), folder.path(), &mut |event, _| {
                steps += usize::from(matches!(event, TrainEvent::Step { .. }));
                assert!(steps < victim, "killed on purpose");
            })
        }));
        assert!(killed.is_err());

        train_all(&data, &config(), folder.path()).unwrap();

        assert_same_results(
            whole.path(),
            folder.path(),
            &format!("killed at step {victim}"),
        );
    }
}

/// The moment between the last `best.safetensors` and the last checkpoint.
#[test]
fn files_newer_than_the_checkpoint_do_no_harm() {
    let (data, whole, folder) = (
        data(),
        tempfile::tempdir().unwrap(),
        tempfile::tempdir().unwrap(),
    );
    train_all(&data, &config(), whole.path()).unwrap();
    let mut older = Vec::new();
    train(&data, &config(), folder.path(), &mut |event, _| {
        if matches!(event, TrainEvent::Epoch { record, .. } if record.epoch == 1) {
            older = std::fs::read(checkpoint(folder.path())).unwrap();
        }
    })
    .unwrap();
    std::fs::write(checkpoint(folder.path()), older).unwrap();

    train_all(&data, &config(), folder.path()).unwrap();

    assert_same_results(whole.path(), folder.path(), "with an older checkpoint");
}

#[test]
fn more_epochs_later_are_the_same_as_more_epochs_at_once() {
    let (data, whole, folder) = (
        data(),
        tempfile::tempdir().unwrap(),
        tempfile::tempdir().unwrap(),
    );
    train_all(&data, &config(), whole.path()).unwrap();

    let shorter = TrainConfig {
        epochs: 1,
        ..config()
    };
    train_all(&data, &shorter, folder.path()).unwrap();
    train_all(&data, &config(), folder.path()).unwrap();

    assert_same_results(whole.path(), folder.path(), "one epoch and one more");
}

fn dropout() -> TrainConfig {
    let mut config = config();
    config.unet.dropout = 0.3;
    config
}

/// Dropout draws from one generator for the whole process, so this one has a process for itself.
#[test]
#[ignore = "run by the test below, alone"]
fn child_with_dropout() {
    let (data, whole, folder) = (
        data(),
        tempfile::tempdir().unwrap(),
        tempfile::tempdir().unwrap(),
    );
    train_all(&data, &dropout(), whole.path()).unwrap();

    train_steps(&data, &dropout(), folder.path(), STEPS + 2).unwrap();
    train_all(&data, &dropout(), folder.path()).unwrap();

    assert_same_results(whole.path(), folder.path(), "with dropout");
}

#[test]
fn dropout_goes_on_where_it_was() {
    let output = Command::new(std::env::current_exe().unwrap())
        .args(["--ignored", "--exact", "resume::child_with_dropout"])
        .output()
        .unwrap();

    let text = String::from_utf8_lossy(&output.stdout);
    assert!(
        output.status.success() && text.contains("1 passed"),
        "{text}"
    );
}

#[test]
fn other_settings_are_refused() {
    let (data, folder) = (data(), tempfile::tempdir().unwrap());
    train_steps(&data, &config(), folder.path(), 1).unwrap();
    let mut wider = config();
    wider.unet.features = vec![4, 6, 10];
    let slower = TrainConfig {
        learning_rate: 1e-4,
        ..config()
    };

    for (other, difference) in [
        (
            wider,
            "`unet.features` is [4, 6, 8] in the run, [4, 6, 10] was asked for",
        ),
        (
            slower,
            "`learning_rate` is 0.003 in the run, 0.0001 was asked for",
        ),
    ] {
        let error = train_all(&data, &other, folder.path()).unwrap_err();

        assert!(
            matches!(error, TrainError::ResumeMismatch { .. }),
            "{error}"
        );
        let run = folder.path().display();
        assert_eq!(
            error.to_string(),
            format!("cannot resume `{run}`: {difference}")
        );
    }
}

#[test]
fn another_split_is_refused() {
    let (mut data, folder) = (data(), tempfile::tempdir().unwrap());
    train_steps(&data, &config(), folder.path(), 1).unwrap();
    data.partition.train.pop();

    let moved = data.dataset.cases()[17].case_id;

    let error = train_all(&data, &config(), folder.path()).unwrap_err();

    assert!(
        error.to_string().ends_with(&format!(
            "the split puts 1 frames elsewhere, such as {moved}: in `train` in the run, \
             in no part was asked for"
        )),
        "{error}"
    );
}

#[test]
fn a_checkpoint_of_an_earlier_version_is_told_from_a_damaged_one() {
    let (data, folder) = (data(), tempfile::tempdir().unwrap());
    train_steps(&data, &config(), folder.path(), 1).unwrap();
    let path = checkpoint(folder.path());
    let (tensors, _) = decode_tensors(&std::fs::read(&path).unwrap(), "run").unwrap();
    let earlier = [("nerveseg-checkpoint".to_owned(), "epoch = 1".to_owned())];
    std::fs::write(&path, encode_tensors(&tensors, earlier)).unwrap();

    let error = train_all(&data, &config(), folder.path()).unwrap_err();

    assert!(error.to_string().contains("an earlier version"), "{error}");
}

#[test]
fn a_damaged_checkpoint_is_named_with_what_is_wrong() {
    let (data, folder) = (data(), tempfile::tempdir().unwrap());
    train_steps(&data, &config(), folder.path(), 1).unwrap();
    let path = checkpoint(folder.path());
    let whole = std::fs::read(&path).unwrap();
    let mut flipped = whole.clone();
    *flipped.last_mut().unwrap() ^= 4;
    let (tensors, _) = decode_tensors(&whole, "checkpoint").unwrap();
    let foreign = encode_tensors(&tensors, []);

    let cut = whole[..whole.len() / 2].to_vec();
    for (bytes, problem) in [
        (cut, "is not a whole safetensors file"),
        (flipped, "its tensors hash to"),
        (foreign, "it holds no state"),
    ] {
        std::fs::write(&path, bytes).unwrap();

        let error = train_all(&data, &config(), folder.path())
            .unwrap_err()
            .to_string();

        assert!(error.starts_with("checkpoint `"), "{error}");
        assert!(
            error.contains("` is damaged: ") && error.contains(problem),
            "{error}"
        );
    }
}

/// The surest way to a loss that is not a number: a weight that is none.
#[test]
fn a_loss_that_is_not_a_number_stops_the_run() {
    let (data, folder) = (data(), tempfile::tempdir().unwrap());
    train_steps(&data, &config(), folder.path(), 1).unwrap();
    let path = checkpoint(folder.path());
    let (mut tensors, metadata) = decode_tensors(&std::fs::read(&path).unwrap(), "run").unwrap();
    let before = checksum(&tensors);
    tensors.insert("head.bias".to_owned(), HostTensor::new([1], vec![f32::NAN]));
    let after = checksum(&tensors);
    let metadata = metadata
        .into_iter()
        .map(|(key, text)| (key, text.replace(&before, &after)));
    std::fs::write(&path, encode_tensors(&tensors, metadata)).unwrap();
    let poisoned = std::fs::read(&path).unwrap();

    let error = train_all(&data, &config(), folder.path()).unwrap_err();

    assert_eq!(
        error.to_string(),
        "the loss became NaN at epoch 1, step 2; lower `learning_rate` (now 0.003)"
    );
    assert_eq!(
        std::fs::read(&path).unwrap(),
        poisoned,
        "the checkpoint stays"
    );
}
