//! Two models on the same phantoms.

use nerveseg_data::Dataset;
use nerveseg_metrics::{Difference, EvaluationOptions, Verdict};
use nerveseg_model::{DeviceSpec, Manifest, Postprocess, Preprocess, Provenance, Segmenter};
use nerveseg_train::compare::{Paired, change_sheet, compare};
use nerveseg_train::settings::{AugmentConfig, EarlyStopConfig, Metric};
use nerveseg_train::{TrainConfig, evaluate};

use crate::util::{Data, config, data, train_all};

/// A threshold that leaves no mask empty.
fn loose() -> Postprocess {
    Postprocess {
        threshold: 0.1,
        ..Postprocess::default()
    }
}

/// A network of random weights that is shown frames of another size than the trained one.
fn untrained() -> Segmenter {
    let device = DeviceSpec::Flex.open().unwrap();
    let unet = config().unet.init(7, &device.device).unwrap();
    let preprocess = Preprocess {
        height: 24,
        width: 40,
        ..config().preprocess
    };
    let manifest = Manifest::new(config().unet, preprocess, loose(), Provenance::default());
    Segmenter::from_parts(unet, manifest, device).unwrap()
}

fn trained(data: &Data) -> Segmenter {
    let folder = tempfile::tempdir().unwrap();
    let config = TrainConfig {
        epochs: 30,
        augment: AugmentConfig::none(),
        early_stop: EarlyStopConfig {
            metric: Metric::ValDicePositive,
            patience: 30,
        },
        ..TrainConfig::small()
    };
    train_all(data, &config, folder.path()).unwrap();
    Segmenter::from_file(folder.path().join("best.safetensors"), DeviceSpec::Flex).unwrap()
}

fn paired(a: &Segmenter, b: &Segmenter, dataset: &Dataset) -> Paired {
    let mut told = Vec::new();
    let options = EvaluationOptions::default();
    let paired = compare([a, b], dataset, &options, &mut |done| told.push(done)).unwrap();
    assert_eq!(told.last(), Some(&30));
    paired
}

#[test]
fn training_makes_a_model_better_and_nothing_makes_it_the_same() {
    let data = data();
    let (before, after) = (untrained(), trained(&data));

    let same = paired(&after, &after, &data.dataset);
    let changed = paired(&before, &after, &data.dataset);

    let zero = |score: Difference| (score.difference, score.ci95) == (Some(0.0), Some([0.0; 2]));
    let scores = same.comparison.all.scores;
    assert!(zero(scores.dice_positive) && zero(scores.dice_positive_gate_open));
    assert!(zero(scores.dice_mean) && zero(scores.presence_auc));
    assert_eq!(same.comparison.verdict, Verdict::CannotTell);
    assert_eq!(same.most_changed(30), []);
    let sheet = change_sheet([&after, &after], &data.dataset, &same, 3).unwrap();
    assert!(sheet.is_none());

    let dice = changed.comparison.all.scores.dice_positive;
    assert!(dice.ci95.unwrap()[0] > 0.0, "{}", changed.comparison);
    assert_eq!(changed.comparison.verdict, Verdict::Better);
    let sheet = change_sheet([&before, &after], &data.dataset, &changed, 3).unwrap();
    assert_eq!(sheet.unwrap().width(), 3 * 360 + 2 * 8);
    let most = changed.most_changed(30);
    let rows: Vec<_> = most
        .into_iter()
        .map(|case_id| {
            let name = case_id.to_string();
            let row = changed.frames.iter().find(|row| row.case_id == name);
            let row = row.unwrap();
            (row.nerve, row.difference.abs())
        })
        .collect();
    assert!(rows[0].0 && !rows[1].0, "one of each kind in turn");
    for kind in [true, false] {
        let of_kind = rows.iter().filter(|(nerve, _)| *nerve == kind);
        assert!(of_kind.is_sorted_by(|a, b| a.1 >= b.1), "{rows:?}");
    }
}

#[test]
fn a_comparison_scores_each_model_as_an_evaluation_does() {
    let data = data();
    let open = untrained();
    // half of the frames lie below the gate
    let options = EvaluationOptions::default();
    let scored = evaluate(&open, data.dataset.cases(), &options, &mut |_| {}).unwrap();
    let mut presence: Vec<f64> = scored.results.iter().filter_map(|it| it.presence).collect();
    presence.sort_by(f64::total_cmp);
    let postprocess = Postprocess {
        presence_threshold: presence[15] as f32,
        ..loose()
    };
    let gated = open.clone().with_postprocess(postprocess).unwrap();

    let alone = evaluate(&gated, data.dataset.cases(), &options, &mut |_| {}).unwrap();
    let both = paired(&open, &gated, &data.dataset);

    let emptied = alone.results.iter().filter(|it| !it.predicted_present);
    assert_eq!(emptied.count(), 15);
    let scores = both.comparison.all.scores;
    assert_eq!(
        scores.dice_positive.a,
        scored.evaluation.scores.dice_positive
    );
    assert_eq!(
        scores.dice_positive.b,
        alone.evaluation.scores.dice_positive
    );
    // an open gate makes the two one model
    let open = scores.dice_positive_gate_open;
    assert_eq!(
        (open.difference, open.a),
        (Some(0.0), scores.dice_positive.a)
    );
    let passed = both.frames.iter().filter(|row| row.passed_b == Some(true));
    assert_eq!(passed.count(), 15);
}
