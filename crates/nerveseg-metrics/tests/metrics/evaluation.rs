//! From scored cases to the numbers that are reported.

use ndarray::Array2;
use nerveseg_metrics::{
    CaseResult, Evaluation, EvaluationOptions, LengthUnit, MeanMask, SiteTable,
};
use serde_json::{Value, json};

const SIZE: (usize, usize) = (17, 23);

fn square(row: usize, col: usize) -> Array2<bool> {
    Array2::from_shape_fn(SIZE, |(r, c)| r.abs_diff(row) < 3 && c.abs_diff(col) < 3)
}

fn empty() -> Array2<bool> {
    Array2::from_elem(SIZE, false)
}

fn case(
    subject_id: u32,
    frame: u32,
    prediction: &Array2<bool>,
    truth: &Array2<bool>,
) -> CaseResult {
    let case_id = format!("{subject_id}_{frame}");
    CaseResult::new(case_id, subject_id, prediction.view(), truth.view(), None)
}

/// Four subjects with a found, a shifted, a missed, an invented and a rightly empty frame each.
fn results() -> Vec<CaseResult> {
    let mut mean_mask = MeanMask::new();
    for subject_id in 1..=4 {
        mean_mask.add(subject_id, square(6, 8 + subject_id as usize).view());
    }
    let frames = |subject_id: u32| {
        let nerve = square(6, 8 + subject_id as usize);
        [
            (nerve.clone(), nerve.clone(), 0.9),
            (square(6, 11), nerve.clone(), 0.8),
            (empty(), nerve.clone(), 0.3),
            (nerve, empty(), 0.8),
            (empty(), empty(), 0.1),
        ]
    };
    let mut results = Vec::new();
    for subject_id in 1..=4 {
        let baseline = mean_mask
            .without_subject(subject_id)
            .expect("three others remain")
            .resized([SIZE.0, SIZE.1]);
        for (frame, (prediction, truth, presence)) in (1..).zip(frames(subject_id)) {
            let probabilities = prediction.mapv(|set| if set { 0.8 } else { 0.1 });
            results.push(
                case(subject_id, frame, &prediction, &truth)
                    .with_presence(presence)
                    .with_gate(presence >= 0.5, square(6, 11).view(), truth.view())
                    .with_probabilities(probabilities.view(), truth.view())
                    .with_mean_mask(baseline.view(), truth.view()),
            );
        }
    }
    results
}

fn evaluate(results: &[CaseResult]) -> Evaluation {
    Evaluation::from_results(results, &EvaluationOptions::default())
}

#[test]
fn json_carries_the_agreed_names() {
    let json = serde_json::to_value(evaluate(&results())).unwrap();

    let at = |pointer: &str| {
        json.pointer(pointer)
            .unwrap_or_else(|| panic!("no `{pointer}`"))
    };
    assert_eq!(at("/cases"), &json!(20));
    assert_eq!(at("/positives"), &json!(12));
    assert_eq!(at("/subjects"), &json!(4));
    assert_eq!(at("/all_empty/dice_mean"), &json!(0.4));
    assert_eq!(at("/presence/specificity"), &json!(0.5));
    assert_eq!(at("/hausdorff95/unit"), &json!("px"));
    assert_eq!(at("/hausdorff95/cases"), &json!(8));
    assert_eq!(at("/hausdorff95/misses"), &json!(8));
    assert_eq!(at("/assd/misses"), &json!(8));
    assert_eq!(at("/per_subject").as_array().unwrap().len(), 4);
    for number in [
        "/dice_mean",
        "/dice_positive",
        "/iou_positive",
        "/pixel_accuracy",
        "/sensitivity",
        "/precision",
        "/presence/auc",
        "/presence/sensitivity",
        "/all_empty/pixel_accuracy",
        "/mean_mask/dice_mean",
        "/mean_mask/dice_positive",
        "/ci95/dice_mean/0",
        "/ci95/dice_positive/1",
        "/dice_positive_gate_open",
        "/ci95/dice_positive_gate_open/0",
        "/presence/gate_sensitivity",
        "/ci95/gate_specificity/1",
        "/ci95/iou_positive/1",
        "/hausdorff95/median",
        "/assd/mean",
        "/calibration/ece",
        "/calibration/bins/0/confidence",
        "/calibration/bins/0/accuracy",
        "/calibration/bins/0/count",
        "/presence_ece",
        "/per_subject/0/dice_positive",
    ] {
        assert!(at(number).is_number(), "`{number}` is {}", at(number));
    }
}

#[test]
fn json_read_back_gives_the_same_table() {
    let evaluation = evaluate(&results());

    let text = serde_json::to_string(&evaluation).unwrap();
    let read: Evaluation = serde_json::from_str(&text).unwrap();

    assert_eq!(read.to_table(), evaluation.to_table());
}

#[test]
fn case_rows_are_flat_enough_to_read() {
    let json = serde_json::to_value(&results()[1]).unwrap();

    assert_eq!(json["case_id"], "1_2");
    assert_eq!(json["scores"]["fn"], json!(10));
    assert!(json["mean_mask_dice"].is_number());
    assert_eq!(json.get("calibration"), None, "histograms stay in memory");
}

#[test]
fn kaggle_score_counts_missed_and_invented_nerves_as_zero() {
    let truth = square(6, 8);
    let evaluation = evaluate(&[
        case(1, 1, &truth, &truth),
        case(1, 2, &empty(), &truth),
        case(2, 1, &truth, &empty()),
        case(2, 2, &empty(), &empty()),
    ]);

    let scores = evaluation.scores;
    assert_eq!((scores.dice_mean, scores.dice_positive), (0.5, Some(0.5)));
    assert_eq!(
        scores.precision,
        Some(1.0),
        "a missed nerve has no precision"
    );
    assert_eq!(scores.presence.sensitivity, Some(0.5));
    assert_eq!(scores.presence.specificity, Some(0.5));
}

#[test]
fn baselines_know_nothing_about_presence() {
    let evaluation = evaluate(&results());
    let mean_mask = evaluation.mean_mask.unwrap();

    assert_eq!(evaluation.all_empty.presence.auc, Some(0.5));
    assert_eq!(evaluation.all_empty.presence.specificity, Some(1.0));
    assert_eq!(evaluation.all_empty.dice_positive, Some(0.0));
    assert_eq!(mean_mask.presence.auc, Some(0.5));
    assert_eq!(mean_mask.presence.sensitivity, Some(1.0));
}

#[test]
fn what_cannot_be_computed_is_null() {
    let truth = square(6, 8);
    let json = serde_json::to_value(evaluate(&[case(7, 1, &truth, &truth)])).unwrap();

    for pointer in [
        "/ci95/dice_mean",
        "/presence/auc",
        "/presence/specificity",
        "/mean_mask",
        "/calibration",
        "/presence_ece",
    ] {
        assert_eq!(json.pointer(pointer), Some(&Value::Null), "`{pointer}`");
    }
}

#[test]
fn without_a_nerve_there_is_no_positive_score() {
    let evaluation = evaluate(&[
        case(1, 1, &empty(), &empty()),
        case(2, 1, &empty(), &empty()),
    ]);

    let scores = evaluation.scores;
    assert_eq!((scores.dice_mean, scores.dice_positive), (1.0, None));
    assert_eq!(scores.hausdorff95.median, None);
    assert_eq!(evaluation.ci95.dice_positive, None);
}

#[test]
fn pixels_and_millimetres_are_never_averaged() {
    let truth = square(6, 8);
    let mm = CaseResult::new("2_1", 2, truth.view(), truth.view(), Some([0.1, 0.1]));

    let alone = evaluate(std::slice::from_ref(&mm));
    let mixed = evaluate(&[case(1, 1, &truth, &truth), mm]);

    assert_eq!(alone.scores.hausdorff95.unit, Some(LengthUnit::Mm));
    assert_eq!(mixed.scores.hausdorff95.unit, None);
    assert_eq!(mixed.scores.hausdorff95.mean, None);
    assert_eq!(mixed.ci95.hausdorff95_mean, None);
}

#[test]
fn number_of_threads_does_not_change_an_interval() {
    let results = results();
    let on_threads = |threads| {
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(threads)
            .build()
            .unwrap();
        pool.install(|| evaluate(&results))
    };

    assert_eq!(on_threads(1), on_threads(4));
}

#[test]
fn interval_contains_the_score_and_follows_the_seed() {
    let results = results();
    let with_seed = |seed| {
        Evaluation::from_results(
            &results,
            &EvaluationOptions {
                resamples: 2000,
                seed,
            },
        )
    };

    let evaluation = with_seed(1);

    let [low, high] = evaluation.ci95.dice_mean.unwrap();
    assert!(low < evaluation.scores.dice_mean && evaluation.scores.dice_mean < high);
    assert_eq!(with_seed(1), evaluation);
}

#[test]
fn subjects_are_rows_in_ascending_order() {
    let mut shuffled = results();
    shuffled.reverse();

    let evaluation = evaluate(&shuffled);

    let ids: Vec<u32> = evaluation
        .per_subject
        .iter()
        .map(|row| row.subject_id)
        .collect();
    assert_eq!(ids, [1, 2, 3, 4]);
    assert!(
        evaluation
            .per_subject
            .iter()
            .all(|row| (row.cases, row.positives) == (5, 3))
    );
}

#[test]
fn table_reads_like_this() {
    let expected = "\
20 frames (12 with a nerve) of 4 subjects

score                         model   95 % interval  all-empty  mean mask
Dice, all frames (Kaggle)     0.560  [0.530, 0.590]      0.400      0.420
Dice, positive frames         0.600  [0.550, 0.650]      0.000      0.700
  with the gate open          0.800  [0.650, 0.950]          -          -
IoU, positive frames          0.563  [0.496, 0.639]      0.000      0.548
sensitivity, positive frames  0.600  [0.550, 0.650]      0.000      0.700
precision, positive frames    0.900  [0.825, 0.975]          -      0.700
specificity                   0.984  [0.982, 0.987]      1.000      0.962
pixel accuracy                0.969  [0.965, 0.973]      0.962      0.951
presence AUC                  0.750  [0.750, 0.750]      0.500      0.500
presence sensitivity          0.667  [0.667, 0.667]      0.000      1.000
presence specificity          0.500  [0.500, 0.500]      1.000      0.000
gate sensitivity              0.667  [0.667, 0.667]          -          -
gate specificity              0.500  [0.500, 0.500]          -          -
HD95 mean, px                 0.500  [0.125, 0.875]          -      1.500
HD95 median, px               0.000               -          -      1.500
ASSD mean, px                 0.250  [0.062, 0.438]          -      0.750
ASSD median, px               0.000               -          -      0.750

surface distances: 8 frames with both masks; 8 more with only one
calibration error: 0.088 of pixels, 0.300 of presence
intervals: bootstrap over subjects, 2000 resamples

subject  frames  positive   Dice  Dice pos.  all-empty  mean mask
1             5         3  0.520      0.533      0.400      0.360
2             5         3  0.560      0.600      0.400      0.480
3             5         3  0.600      0.667      0.400      0.480
4             5         3  0.560      0.600      0.400      0.360
";

    assert_eq!(evaluate(&results()).to_table(), expected);
}

/// The frames of subjects 1 and 2 that show a nerve, the empty ones of 3, and all of 4.
fn results_of_sites() -> Vec<CaseResult> {
    let mut results = results();
    results.retain(|result| match result.subject_id {
        3 => !result.present,
        4 => true,
        _ => result.present,
    });
    results
}

#[test]
fn each_site_is_scored_for_itself() {
    let results = results_of_sites();
    let sites = [
        ("positive", vec![1, 2]),
        ("nobody", vec![9]),
        ("empty", vec![3]),
        ("both", vec![4]),
    ];

    let table = SiteTable::from_results(&results, &sites, &EvaluationOptions::default());

    let of_four = results.iter().filter(|result| result.subject_id == 4);
    let alone = evaluate(&of_four.cloned().collect::<Vec<_>>());
    assert_eq!(table.0.len(), 3, "nobody has no row");
    assert_eq!(table.0[2].evaluation, alone);
    let expected = "\
site      people  frames  positive  Dice pos.   95 % interval  gate open   95 % interval    AUC  gate sens.  gate spec.  left empty   Dice  all-empty
positive       2       6         6      0.567  [0.533, 0.600]      0.700  [0.600, 0.800]      -       0.667           -           -  0.567      0.000
empty          1       2         0          -               -          -               -      -           -       0.500       0.500  0.500      1.000
both           1       5         3      0.600               -      0.800               -  0.750       0.667       0.500       0.500  0.560      0.400
";
    assert_eq!(table.to_string(), expected);
}
