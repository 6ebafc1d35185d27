//! What single flags change.

use crate::util::{Bench, json, read, stderr};

#[test]
fn a_set_without_empties_has_no_specificity_and_no_auc() {
    let bench = Bench::new();
    bench.train();
    bench.ok("phantom --out positive --subjects 3 --frames 3 --size 96x70 --positives 1");

    let evaluation = json(
        &bench.ok("evaluate --model run/best.safetensors --data positive --device flex --json"),
    );

    assert_eq!(evaluation["positives"], 9);
    assert!(evaluation["presence"]["auc"].is_null(), "{evaluation}");
    assert!(
        evaluation["presence"]["specificity"].is_null(),
        "{evaluation}"
    );
}

#[test]
fn a_higher_presence_threshold_empties_masks() {
    let bench = Bench::new();
    bench.train();
    let presence = |threshold: f32| {
        let args = format!(
            "evaluate --model run/best.safetensors --data data --device flex --json \
             --threshold 0.01 --presence-threshold {threshold}"
        );
        let scores = json(&bench.ok(&args))["presence"].clone();
        (scores["sensitivity"].clone(), scores["specificity"].clone())
    };

    assert_eq!(presence(0.0), (1.0.into(), 0.0.into()));
    assert_eq!(presence(1.0), (0.0.into(), 1.0.into()));
    bench.ok(
        "submit --model run/best.safetensors --data data --device flex --presence-threshold 1 \
         --out empty.csv",
    );
    let rows = String::from_utf8(read(&bench.path("empty.csv"))).unwrap();
    assert_eq!(rows, "img,pixels\n1,\n2,\n3,\n");
}

#[test]
fn a_split_by_frame_works_and_says_that_it_leaks() {
    let bench = Bench::new();
    let args = "train --data data --out leaky --preset small --config tiny.toml --epochs 1 \
                --device flex --leaky-frame-split";

    let output = bench.run(args);

    let text = stderr(&output);
    assert!(text.contains("leak: split by frame"), "{text}");
    let report = String::from_utf8(read(&bench.path("leaky/report.html"))).unwrap();
    assert!(report.contains("leak: split by frame"));
}

#[test]
fn excluded_cases_are_left_out() {
    let bench = Bench::new();
    std::fs::write(bench.path("exclude.txt"), "1_1  # a reason\n1_2\n").unwrap();
    let args = "train --data data --out run --preset small --config tiny.toml --epochs 1 \
                --device flex --exclude exclude.txt";

    let text = stderr(&bench.run(args));

    assert!(text.contains("excluded: 2 of 36 cases"), "{text}");
}

#[test]
fn ndarray_and_flex_give_the_same_scores() {
    let bench = Bench::new();
    bench.train();
    let score = |device: &str| {
        let args =
            format!("evaluate --model run/best.safetensors --data data --device {device} --json");
        json(&bench.ok(&args))["pixel_accuracy"].as_f64().unwrap()
    };

    // a probability that differs in its last bits may move a pixel across the threshold
    assert!((score("flex") - score("ndarray")).abs() < 1e-4);
}
