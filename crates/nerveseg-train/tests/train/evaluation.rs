//! From a trained file to a report.

use nerveseg_metrics::EvaluationOptions;
use nerveseg_model::{DeviceSpec, Segmenter};
use nerveseg_train::evaluate;
use nerveseg_train::report::{ReportInput, contact_sheet, curves_svg, render};

use crate::util::{config, data, train_all};

#[test]
fn a_run_becomes_scores_and_a_page() {
    let (data, folder) = (data(), tempfile::tempdir().unwrap());
    let outcome = train_all(&data, &config(), folder.path()).unwrap();
    let best = folder.path().join("best.safetensors");
    let segmenter = Segmenter::from_file(best, DeviceSpec::Flex).unwrap();
    let mut told = Vec::new();

    let options = EvaluationOptions::default();
    let scored = evaluate(&segmenter, data.dataset.cases(), &options, &mut |n| {
        told.push(n);
    });

    let scored = scored.unwrap();
    assert_eq!((scored.results.len(), told.last()), (30, Some(&30)));
    assert_eq!(scored.evaluation.cases, 30);
    assert!(scored.evaluation.mean_mask.is_some());
    let page = render(&ReportInput {
        title: "A <toy>".to_owned(),
        curves: Some(curves_svg(&outcome.history).unwrap()),
        sheet: contact_sheet(&segmenter, &data.dataset, &scored.results).unwrap(),
        evaluation: Some(&scored.evaluation),
        ..ReportInput::default()
    })
    .unwrap();
    assert!(page.contains("<svg") && page.contains("data:image/jpeg;base64,"));
    assert!(page.contains("A &#60;toy&#62;") || page.contains("A &lt;toy&gt;"));
}

#[test]
fn nothing_to_evaluate_is_an_error() {
    let (data, folder) = (data(), tempfile::tempdir().unwrap());
    train_all(&data, &config(), folder.path()).unwrap();
    let best = folder.path().join("best.safetensors");
    let segmenter = Segmenter::from_file(best, DeviceSpec::Flex).unwrap();

    let error = evaluate(&segmenter, &[], &EvaluationOptions::default(), &mut |_| {});

    assert!(
        error
            .unwrap_err()
            .to_string()
            .starts_with("the evaluation part of the split has no")
    );
}
