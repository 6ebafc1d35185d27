//! The commands of the README once through, from nothing to a submission.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::util::{Bench, json, read};

/// A run that the later commands go on with.
const MODEL: &str = "--model run/best.safetensors --device flex";

#[test]
fn from_phantoms_to_a_submission() {
    let bench = Bench::new();

    audit(&bench);
    split(&bench);
    train(&bench);
    evaluate(&bench);
    compare(&bench);
    predict(&bench);
    submit(&bench);
    info(&bench);
}

fn text(bench: &Bench, name: &str) -> String {
    String::from_utf8(read(&bench.path(name))).unwrap()
}

fn audit(bench: &Bench) {
    let audit = json(&bench.ok("audit data --json --out audit"));

    assert_eq!(audit["summary"]["errors"], 0);
    let page = text(bench, "audit/audit.html").to_lowercase();
    assert!(page.starts_with("<!doctype html>"));
    assert_eq!(json(&text(bench, "audit/audit.json")), audit);
    assert!(bench.path("audit/exclude.txt").exists());
}

fn split(bench: &Bench) {
    let table = bench.ok("split data --folds 3 --seed 1 --out splits.json");

    assert_eq!(table.lines().count(), 1 + 3 * 3, "{table}");
    assert!(table.contains("validation"), "{table}");
    let folds = json(&text(bench, "splits.json"))["folds"].clone();
    assert_eq!(folds.as_array().unwrap().len(), 3);
}

fn train(bench: &Bench) {
    let events = bench.ok(
        "train --data data --out run --preset small --config tiny.toml --device flex \
         --split splits.json --fold 1 --seed 5 --json",
    );

    let last = json(events.lines().last().unwrap());
    assert_eq!(
        (&last["event"], &last["part"]),
        (&"result".into(), &"test".into())
    );
    for name in [
        "config.toml",
        "splits.json",
        "metrics.jsonl",
        "curves.svg",
        "best.safetensors",
        "checkpoint.safetensors",
        "evaluation.json",
        "cases.jsonl",
        "report.html",
    ] {
        assert!(!read(&bench.path("run").join(name)).is_empty(), "{name}");
    }
    let epochs = text(bench, "run/metrics.jsonl");
    assert_eq!(epochs.lines().count(), 3, "a line an epoch");
    let first = json(epochs.lines().next().unwrap());
    assert!(first["train_loss"].as_f64().unwrap() > 0.0);
}

fn evaluate(bench: &Bench) {
    let scores = json(&bench.ok(&format!(
        "evaluate {MODEL} --data data --json --out evaluation"
    )));

    assert_eq!(
        (&scores["cases"], &scores["subjects"]),
        (&36.into(), &6.into())
    );
    let numbers = |of: &Value, keys: &[&str]| {
        for key in keys {
            assert!(of[key].is_number(), "{key} in {scores}");
        }
    };
    numbers(
        &scores,
        &[
            "positives",
            "dice_mean",
            "dice_positive",
            "iou_positive",
            "pixel_accuracy",
        ],
    );
    numbers(&scores["presence"], &["auc", "sensitivity", "specificity"]);
    numbers(&scores["all_empty"], &["dice_mean", "pixel_accuracy"]);
    let interval = scores["ci95"]["dice_positive"].as_array().unwrap();
    assert_eq!(interval.len(), 2);

    assert_eq!(json(&text(bench, "evaluation/evaluation.json")), scores);
    assert_eq!(text(bench, "evaluation/cases.jsonl").lines().count(), 36);
    assert!(bench.path("evaluation/report.html").exists());
    let trust = text(bench, "evaluation/trust.svg");
    for label in [
        "calibration error",
        "with a nerve: kept",
        "without: left empty",
    ] {
        assert!(trust.contains(label), "{label}");
    }
}

fn compare(bench: &Bench) {
    let best = "run/best.safetensors";
    // another threshold, and a gate
    bench.ok(&format!(
        "calibrate --model {best} --data data --device flex --out calibrated.safetensors"
    ));
    std::fs::write(
        bench.path("data/sites.json"),
        r#"{"one": [[1, 2]], "two": [3, 4, 5]}"#,
    )
    .unwrap();

    let scores = json(&bench.ok(&format!(
        "compare {best} calibrated.safetensors --data data --device flex --json --out changes"
    )));

    assert_eq!(json(&text(bench, "changes/comparison.json")), scores);
    let names: Vec<&str> = scores["per_site"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| row["site"].as_str().unwrap())
        .collect();
    assert_eq!(names, ["one", "two", "other"]);
    assert_eq!(scores["per_subject"].as_array().unwrap().len(), 6);
    assert_ne!(scores["a"]["sha256"], "");
    assert_eq!(text(bench, "changes/frames.csv").lines().count(), 37);
    let sheet = image::open(bench.path("changes/changes.png")).unwrap();
    assert_eq!(sheet.width(), 3 * 360 + 2 * 8);

    let table = bench.ok(&format!(
        "compare {best} {best} --data data --device flex --out same"
    ));

    assert!(
        table.contains("verdict, by positive-frame Dice: cannot tell"),
        "{table}"
    );
    assert!(table.contains("[0.000, 0.000]"), "{table}");
    assert!(!bench.path("same/changes.png").exists(), "nothing changed");

    let table = bench.ok(&format!("evaluate {MODEL} --data data --out by-site"));
    let scores = json(&text(bench, "by-site/evaluation.json"));

    assert!(table.contains("\nsite   people  frames"), "{table}");
    assert_eq!(scores["per_site"][1]["site"], "two");
    assert_eq!(scores["per_site"][1]["subjects"], 3);
    assert!(scores["per_site"][1]["ci95"]["dice_positive"].is_array());
    assert!(text(bench, "by-site/report.html").contains("<h2>Sites</h2>"));
    let audit = bench.ok("audit data");
    assert!(audit.contains("\nsite two: 3 subjects, "), "{audit}");
}

fn predict(bench: &Bench) {
    // the pattern is for the program: no shell expands it here
    let rows = bench.ok(&format!("predict {MODEL} --out masks data/test/*.tif"));

    let lines: Vec<&str> = rows.lines().collect();
    assert_eq!(
        lines[0],
        "image,width,height,presence,nerve_found,area_px,area_mm2,components,centroid_row,centroid_column,\
         mask,overlay,state,objection,frame,frames,region,regions,model,error"
    );
    assert_eq!(lines.len(), 4, "{rows}");
    for (line, number) in lines[1..].iter().zip(1..) {
        assert!(
            line.starts_with(&format!("data/test/{number}.tif,96,70,0.")),
            "{line}"
        );
        for picture in ["mask", "overlay", "probability"] {
            let path = bench.path(&format!("masks/{number}.tif.nerve-{picture}.png"));
            let image = image::open(path).unwrap();
            assert_eq!(image.width(), 96);
            // the overlay has words below it
            assert_eq!(image.height() > 70, picture == "overlay");
        }
    }

    let rows = bench.ok(&format!(
        "predict {MODEL} --out masks --overwrite --json data/test"
    ));

    assert_eq!(rows.lines().count(), 3, "{rows}");
    let row = json(rows.lines().next().unwrap());
    let keys: BTreeSet<&str> = row
        .as_object()
        .unwrap()
        .keys()
        .map(String::as_str)
        .collect();
    assert_eq!(
        keys,
        BTreeSet::from([
            "image",
            "frame",
            "frames",
            "region",
            "regions",
            "width",
            "height",
            "presence",
            "state",
            "objection",
            "nerve_found",
            "area_px",
            "area_mm2",
            "components",
            "centroid",
            "rle",
            "mask",
            "overlay",
            "model",
            "name",
            "sha256",
        ])
    );
}

fn submit(bench: &Bench) {
    // a folder that holds `test/`, and the folder itself
    for data in ["data", "data/test"] {
        bench.ok(&format!(
            "submit {MODEL} --data {data} --out submission.csv --overwrite"
        ));

        let submission = text(bench, "submission.csv");
        let mut lines = submission.lines();
        assert_eq!(lines.next(), Some("img,pixels"));
        let images: Vec<&str> = lines.map(|line| line.split(',').next().unwrap()).collect();
        assert_eq!(images, ["1", "2", "3"], "a row a frame");
    }
}

fn info(bench: &Bench) {
    let artifact = json(&bench.ok("info run/best.safetensors --json"));
    assert_eq!(artifact["manifest"]["provenance"]["seed"], 5);
    assert!(bench.ok("info run/best.safetensors").contains("parameters"));

    let preset = json(&bench.ok("info --preset seed --json"));
    assert_eq!(
        preset["parameters"],
        serde_json::json!({ "total": 2_164_305, "trainable": 2_161_361 })
    );

    let said = bench.fails(2, "no-such-command");
    assert!(said.contains("no-such-command"), "{said}");
    let said = bench.fails(1, "info no-such-file.safetensors");
    assert!(said.contains("no-such-file.safetensors"), "{said}");
    let whole = read(&bench.path("run/best.safetensors"));
    std::fs::write(bench.path("cut.safetensors"), &whole[..1000]).unwrap();
    let said = bench.fails(1, "info cut.safetensors");
    assert!(said.contains("cut.safetensors"), "{said}");
}
