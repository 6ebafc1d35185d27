//! From a folder to a submission, once through.

use crate::util::{Bench, json, read};

#[test]
fn from_phantoms_to_a_submission() {
    let bench = Bench::new();

    let audit = json(&bench.ok("audit data --json --out audit"));
    assert_eq!(audit["summary"]["errors"], 0);
    let page = String::from_utf8(read(&bench.path("audit/audit.html"))).unwrap();
    assert!(page.starts_with("<!doctype html>") || page.starts_with("<!DOCTYPE html>"));

    let split = bench.ok("split data --folds 3 --seed 1 --out splits.json");
    assert!(split.contains("validation"), "{split}");

    let train = "train --data data --out run --preset small --config tiny.toml --device flex \
                 --split splits.json --fold 1 --seed 5 --json";
    let events = bench.ok(train);
    let last = json(events.lines().last().unwrap());
    assert_eq!(
        (&last["event"], &last["part"]),
        (&"result".into(), &"test".into())
    );
    for name in [
        "config.toml",
        "splits.json",
        "curves.svg",
        "evaluation.json",
        "report.html",
        "cases.jsonl",
    ] {
        assert!(!read(&bench.path("run").join(name)).is_empty(), "{name}");
    }
    let lines = String::from_utf8(read(&bench.path("run/metrics.jsonl"))).unwrap();
    assert_eq!(lines.lines().count(), 3);
    assert!(
        json(lines.lines().next().unwrap())["train_loss"]
            .as_f64()
            .unwrap()
            > 0.0
    );

    let evaluation = json(&bench.ok(
        "evaluate --model run/best.safetensors --data data --device flex --json --out evaluation",
    ));
    let trust = String::from_utf8(read(&bench.path("evaluation/trust.svg"))).unwrap();
    for label in [
        "calibration error",
        "with a nerve: kept",
        "without: left empty",
    ] {
        assert!(trust.contains(label), "{label}");
    }
    assert_eq!(evaluation["cases"], 36);
    assert_eq!(evaluation["subjects"], 6);
    for key in [
        "positives",
        "dice_mean",
        "dice_positive",
        "iou_positive",
        "pixel_accuracy",
    ] {
        assert!(evaluation[key].is_number(), "{key} in {evaluation}");
    }
    for key in ["auc", "sensitivity", "specificity"] {
        assert!(
            evaluation["presence"][key].is_number(),
            "{key} in {evaluation}"
        );
    }
    for key in ["dice_mean", "pixel_accuracy"] {
        assert!(
            evaluation["all_empty"][key].is_number(),
            "{key} in {evaluation}"
        );
    }
    assert_eq!(
        evaluation["ci95"]["dice_positive"]
            .as_array()
            .unwrap()
            .len(),
        2
    );

    let rows = bench.ok("predict --model run/best.safetensors --out masks --device flex data/test");
    assert_eq!(rows.lines().count(), 4, "{rows}");
    let mask = image::open(bench.path("masks/2_mask.png")).unwrap();
    assert_eq!((mask.width(), mask.height()), (96, 70));
    assert!(bench.path("masks/3_overlay.png").exists());

    bench.ok("submit --model run/best.safetensors --data data --device flex --out submission.csv");
    let submission = String::from_utf8(read(&bench.path("submission.csv"))).unwrap();
    let images: Vec<&str> = submission
        .lines()
        .map(|line| line.split(',').next().unwrap())
        .collect();
    assert_eq!(images, ["img", "1", "2", "3"]);

    let info = json(&bench.ok("info run/best.safetensors --json"));
    assert_eq!(info["manifest"]["provenance"]["seed"], 5);
}

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

    let text = crate::util::stderr(&output);
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

    let text = crate::util::stderr(&bench.run(args));

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
