//! All folds of a split in one go.

use std::collections::BTreeSet;
use std::io::{BufRead as _, BufReader};
use std::process::Stdio;

use serde_json::Value;

use crate::util::{Bench, json, read, stderr};

const TRAIN: &str = "train --data data --preset small --config tiny.toml --epochs 2 --device flex \
                     --split s.json --fold all --out";

fn bench() -> Bench {
    let bench = Bench::new();
    bench.ok("split data --folds 3 --seed 8 --out s.json");
    bench
}

/// Ends with 1 if a network found nothing, which is no matter here.
fn train(bench: &Bench, args: &str) -> String {
    let output = bench.run(&format!("{TRAIN} {args}"));
    assert_ne!(output.status.code(), Some(2), "{}", stderr(&output));
    String::from_utf8(output.stdout).unwrap()
}

fn summary(bench: &Bench, out: &str) -> Value {
    let text = read(&bench.path(out).join("folds.json"));
    json(&String::from_utf8(text).unwrap())
}

#[test]
fn everybody_is_scored_once_by_a_network_that_has_not_met_them() {
    let bench = bench();

    let table = train(&bench, "all");

    let found = summary(&bench, "all");
    let pooled = &found["pooled"];
    assert_eq!(
        (&pooled["cases"], &pooled["subjects"]),
        (&36.into(), &6.into())
    );
    assert_eq!(pooled["ci95"]["dice_mean"].as_array().unwrap().len(), 2);
    assert!(
        table.contains("all folds, everybody by the network"),
        "{table}"
    );
    // the pooled mean is that of all cases of all folds
    let mut cases = Vec::new();
    let mut people = BTreeSet::new();
    for fold in 0..3 {
        let run = format!("all/fold-{fold}");
        let rows = String::from_utf8(read(&bench.path(&format!("{run}/cases.jsonl")))).unwrap();
        cases.extend(
            rows.lines()
                .map(|row| json(row)["scores"]["dice"].as_f64().unwrap()),
        );
        let info = json(&bench.ok(&format!("info {run}/best.safetensors --json")));
        let knows = info["manifest"]["provenance"]["train_subjects"].clone();
        for row in rows.lines() {
            let subject = json(row)["subject_id"].clone();
            assert!(!knows.as_array().unwrap().contains(&subject));
            people.insert(subject.as_u64());
        }
        assert_eq!(found["folds"][fold]["sha256"], info["manifest"]["sha256"]);
    }
    assert_eq!((cases.len(), people.len()), (36, 6));
    let mean = cases.iter().sum::<f64>() / 36.0;
    assert!((pooled["dice_mean"].as_f64().unwrap() - mean).abs() < 1e-12);
}

#[test]
fn killed_in_the_second_fold_and_resumed_it_ends_the_same() {
    let bench = bench();
    train(&bench, "whole");
    let mut command = bench.command(&format!("{TRAIN} cut --json"));
    let mut child = command
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let begun = |line: &str| json(line)["event"] == "fold" && json(line)["fold"] == 1;
    assert!(lines.any(|line| begun(&line.unwrap())));
    assert!(lines.any(|line| json(&line.unwrap())["event"] == "epoch"));
    child.kill().unwrap();
    child.wait().unwrap();
    let first = std::fs::metadata(bench.path("cut/fold-0/report.html")).unwrap();

    // the settings are those of the first fold
    let output = bench
        .run("train --data data --device flex --split s.json --fold all --out cut --resume --json");

    let text = String::from_utf8(output.stdout).unwrap();
    let events: Vec<Value> = text.lines().map(json).collect();
    let states = events.iter().filter(|event| event["event"] == "fold");
    let states: Vec<&str> = states
        .map(|event| event["state"].as_str().unwrap())
        .collect();
    assert_eq!(states, ["finished", "resumed", "new"]);
    let again = std::fs::metadata(bench.path("cut/fold-0/report.html")).unwrap();
    assert_eq!(first.modified().unwrap(), again.modified().unwrap());
    assert_eq!(summary(&bench, "cut"), summary(&bench, "whole"));
    assert_eq!(events.last().unwrap()["result"], summary(&bench, "whole"));
    for fold in 0..3 {
        for name in [
            "metrics.jsonl",
            "best.safetensors",
            "checkpoint.safetensors",
        ] {
            let [a, b] =
                ["cut", "whole"].map(|out| bench.path(&format!("{out}/fold-{fold}/{name}")));
            assert!(read(&a) == read(&b), "fold {fold}: {name} differs");
        }
    }
}

#[test]
fn what_cannot_be_pooled_is_refused_before_it_begins() {
    let bench = bench();
    let text = String::from_utf8(read(&bench.path("s.json"))).unwrap();
    let mut splits = json(&text);
    splits["folds"][2] = splits["folds"][0].clone();
    std::fs::write(bench.path("twice.json"), splits.to_string()).unwrap();
    splits["folds"][1]["test"] = json("[]");
    std::fs::write(bench.path("none.json"), splits.to_string()).unwrap();
    std::fs::create_dir_all(bench.path("there/fold-2")).unwrap();
    std::fs::write(bench.path("there/fold-2/config.toml"), "epochs = 1").unwrap();

    for (code, split, out, expected) in [
        (
            2,
            "twice.json",
            "r",
            "is in the test part of folds 0 and 2 of `twice.json`",
        ),
        (
            2,
            "none.json",
            "r",
            "fold 1 of `none.json` has no test part",
        ),
        (1, "s.json", "there", "`there/fold-2` already holds a run"),
    ] {
        let args = format!("{TRAIN} {out}").replace("s.json", split);

        let text = bench.fails(code, &args);

        assert!(text.contains(expected), "{text}");
    }
    assert!(!bench.path("r").exists());
    assert!(!bench.path("there/fold-0/best.safetensors").exists());
}

#[test]
fn a_fold_that_was_trained_otherwise_is_not_pooled() {
    let bench = bench();
    train(&bench, "all");
    let resume = "train --data data --device flex --split s.json --fold all --out all --resume";

    let text = bench.fails(1, &format!("{resume} --seed 9"));
    assert!(
        text.contains("`seed` is 1 in the run, 9 was asked for"),
        "{text}"
    );
    bench.ok("split data --folds 3 --seed 9 --out other.json");
    let text = bench.fails(1, &resume.replace("s.json", "other.json"));
    assert!(text.contains("the split puts"), "{text}");
    // more epochs are more of the same
    let text = stderr(&bench.run(&format!("{resume} --epochs 3")));
    assert!(text.contains("fold 2 of 3 (resumed)"), "{text}");
}
