//! Two predictors on the same cases.

use ndarray::Array2;
use nerveseg_metrics::{CaseResult, Comparison, EvaluationOptions, Verdict};
use serde_json::Value;

const SIZE: (usize, usize) = (17, 23);

fn square(row: usize, col: usize) -> Array2<bool> {
    Array2::from_shape_fn(SIZE, |(r, c)| r.abs_diff(row) < 3 && c.abs_diff(col) < 3)
}

/// Subjects with three frames with a nerve and one without. The predictor is off by as many columns as
/// `shift` says for a subject and a frame.
fn predictor(subjects: u32, shift: impl Fn(u32, u32) -> usize) -> Vec<CaseResult> {
    let empty = Array2::from_elem(SIZE, false);
    let mut results = Vec::new();
    for subject_id in 1..=subjects {
        for frame in 1..=3 {
            let shift = shift(subject_id, frame);
            let (truth, prediction) = (square(6, 8), square(6, 8 + shift));
            let id = format!("{subject_id}_{frame}");
            let result = CaseResult::new(id, subject_id, prediction.view(), truth.view(), None);
            results.push(result.with_presence(1.0 / (1 + shift) as f64));
        }
        let id = format!("{subject_id}_4");
        let result = CaseResult::new(id, subject_id, empty.view(), empty.view(), None);
        results.push(result.with_presence(0.4));
    }
    results
}

fn compare(a: &[CaseResult], b: &[CaseResult]) -> Comparison {
    let sites = [("left", vec![1, 2, 3]), ("right", vec![4, 5, 6, 7])];
    Comparison::from_results([a, b], &sites, &EvaluationOptions::default())
}

#[test]
fn a_predictor_against_itself_differs_by_nothing_at_all() {
    let a = predictor(7, |subject, frame| ((subject + frame) % 4) as usize);

    let comparison = compare(&a, &a);

    let scores = comparison.all.scores;
    for score in [
        scores.dice_positive,
        scores.dice_mean,
        scores.presence_auc,
        scores.presence_sensitivity,
        scores.presence_specificity,
    ] {
        assert_eq!((score.difference, score.ci95), (Some(0.0), Some([0.0; 2])));
        assert_eq!(score.verdict, Verdict::CannotTell);
    }
    assert_eq!(scores.dice_positive_gate_open.difference, None);
    assert_eq!(comparison.verdict, Verdict::CannotTell);
}

#[test]
fn what_is_hard_for_both_cancels_out() {
    // people differ by far more than the two predictors do
    let hard = |subject: u32| (subject % 4) as usize;
    let a = predictor(7, |subject, _| hard(subject) + 1);
    let b = predictor(7, |subject, _| hard(subject));

    let comparison = compare(&a, &b);

    let dice = comparison.all.scores.dice_positive;
    let [low, high] = dice.ci95.unwrap();
    assert!(low > 0.0 && high < 0.3, "{low} {high}");
    assert!(low <= dice.difference.unwrap() && dice.difference.unwrap() <= high);
    assert_eq!(comparison.verdict, Verdict::Better);
    let reverse = compare(&b, &a);
    assert_eq!(reverse.verdict, Verdict::Worse);
    let [low_reverse, high_reverse] = reverse.all.scores.dice_positive.ci95.unwrap();
    assert!((low_reverse + high).abs() < 1e-12 && (high_reverse + low).abs() < 1e-12);
}

#[test]
fn a_gain_of_some_at_the_cost_of_others_decides_nothing() {
    let a = predictor(7, |_, _| 2);
    let b = predictor(7, |subject, _| if subject % 2 == 0 { 0 } else { 3 });

    let comparison = compare(&a, &b);

    assert_eq!(comparison.verdict, Verdict::CannotTell);
    let better: Vec<u32> = comparison
        .per_subject
        .iter()
        .filter(|row| row.compared.scores.dice_positive.difference > Some(0.0))
        .map(|row| row.subject_id)
        .collect();
    assert_eq!(better, [2, 4, 6]);
}

#[test]
fn sites_and_people_are_compared_for_themselves() {
    let a = predictor(7, |_, _| 1);
    let b = predictor(7, |subject, _| if subject <= 3 { 0 } else { 2 });

    let comparison = compare(&a, &b);

    let sites: Vec<_> = comparison
        .per_site
        .iter()
        .map(|row| {
            let verdict = row.compared.scores.dice_positive.verdict;
            (row.site.as_str(), row.compared.subjects, verdict)
        })
        .collect();
    assert_eq!(
        sites,
        [("left", 3, Verdict::Better), ("right", 4, Verdict::Worse)]
    );
    let person = &comparison.per_subject[3];
    assert_eq!(
        (person.subject_id, person.site.as_deref()),
        (4, Some("right"))
    );
    let dice = person.compared.scores.dice_positive;
    assert_eq!((dice.ci95, dice.verdict), (None, Verdict::CannotTell));
    let text = comparison.to_string();
    assert!(text.contains("\nleft "), "{text}");
    assert!(!text.contains("fewer than"), "{text}");
}

#[test]
fn json_has_the_names_that_the_docs_have() {
    let a = predictor(2, |_, _| 0);

    let json = serde_json::to_value(compare(&a, &a)).unwrap();

    assert_eq!(json["verdict"], "cannot_tell");
    for pointer in [
        "/cases",
        "/scores/dice_positive/difference",
        "/scores/presence_auc/ci95/0",
        "/bootstrap/resamples",
        "/per_site/0/scores/dice_positive/a",
        "/per_subject/0/subject_id",
    ] {
        assert!(
            json.pointer(pointer).is_some_and(Value::is_number),
            "{pointer}"
        );
    }
    assert!(compare(&a, &a).to_string().contains("fewer than 6 people"));
}

#[test]
#[should_panic(expected = "both predictors need the same cases")]
fn other_cases_are_refused() {
    let a = predictor(2, |_, _| 0);

    let _ = compare(&a, &a[1..]);
}
