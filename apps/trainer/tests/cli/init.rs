//! Training that starts from an artifact.

use std::io::{BufRead as _, BufReader};
use std::process::Stdio;

use crate::util::{Bench, json, read, stderr};

/// A few steps from what [`Bench::train`] made.
const TUNE: &str = "train --data data --init run/best.safetensors --preset finetune --epochs 2 \
                    --device flex";

#[test]
fn it_takes_over_the_network_and_info_says_where_it_comes_from() {
    let bench = Bench::new();
    bench.train();
    let given = json(&bench.ok("info run/best.safetensors --json"))["manifest"].clone();

    let said = stderr(&bench.run(&format!("{TUNE} --out tuned")));

    let sha256 = given["sha256"].as_str().unwrap();
    let expected = format!("starts from: run/best.safetensors (SHA-256 {sha256})");
    assert!(said.contains(&expected), "{said}");
    let tuned = json(&bench.ok("info tuned/best.safetensors --json"))["manifest"].clone();
    for section in ["unet", "preprocess", "postprocess"] {
        assert_eq!(tuned[section], given[section], "{section}");
    }
    let started = &tuned["provenance"]["started_from"];
    assert_eq!(started["name"], "run/best.safetensors");
    assert_eq!(started["sha256"], given["sha256"]);
    assert_eq!(started["provenance"], given["provenance"]);
    let page = bench.ok("info tuned/best.safetensors");
    assert!(page.contains("[provenance.started_from]"), "{page}");
    let report = String::from_utf8(read(&bench.path("tuned/report.html"))).unwrap();
    assert!(report.contains("Started from"));
}

#[test]
fn the_model_inside_can_be_started_from() {
    let bench = Bench::new();

    let config = bench.ok("train --init bundled --preset finetune --print-config");

    let shipped = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../../assets/models/brachial-plexus.safetensors"
    );
    let shipped = json(&bench.ok(&format!("info {shipped} --json")))["manifest"].clone();
    let sha256 = shipped["sha256"].as_str().unwrap();
    assert!(config.contains("name = \"bundled\""), "{config}");
    assert!(
        config.contains(&format!("sha256 = \"{sha256}\"")),
        "{config}"
    );
    assert!(
        config.contains("[16, 32, 64, 128, 256]") || config.contains("    256,"),
        "{config}"
    );
}

#[test]
fn what_contradicts_the_artifact_is_named() {
    let bench = Bench::new();
    bench.train();
    std::fs::write(bench.path("other.toml"), "[unet]\nfeatures = [4, 8, 32]\n").unwrap();
    std::fs::write(bench.path("size.toml"), "[preprocess]\nwidth = 88\n").unwrap();
    std::fs::write(bench.path("fine.toml"), "[unet]\ndropout = 0.1\n").unwrap();

    for (config, expected) in [
        (
            "other.toml",
            "`unet.features` is [4, 8, 16] there, [4, 8, 32] was asked for",
        ),
        (
            "size.toml",
            "`preprocess.width` is 44 there, 88 was asked for",
        ),
    ] {
        let text = bench.fails(1, &format!("{TUNE} --out tuned --config {config}"));

        assert!(
            text.contains("cannot start from `run/best.safetensors`: "),
            "{text}"
        );
        assert!(text.contains(expected), "{text}");
    }
    bench.ok(&format!("{TUNE} --out tuned --config fine.toml"));
}

#[test]
fn what_makes_no_sense_is_refused() {
    let bench = Bench::new();
    for (code, args, expected) in [
        (
            2,
            "train --data data --out r --preset finetune",
            "add `--init bundled`",
        ),
        (2, "train --data data --out r --init-skip head", "--init <"),
        (
            1,
            "train --data data --out r --init gone.safetensors",
            "cannot read model `gone",
        ),
        (
            1,
            "train --data data --out r --init tiny.toml",
            "not a whole safetensors file",
        ),
    ] {
        let text = bench.fails(code, args);

        assert!(text.contains(expected), "{args}: {text}");
    }
    // the settings of a run that was started from something
    bench.train();
    bench.ok(&format!("{TUNE} --out tuned"));
    let text = bench.fails(1, "train --data data --out r --config tuned/config.toml");
    assert!(
        text.contains("the run starts from `run/best.safetensors` (SHA-256"),
        "{text}"
    );
}

#[test]
fn killed_and_resumed_without_the_artifact_it_ends_the_same() {
    let bench = Bench::new();
    bench.train();
    let tune = format!("{TUNE} --init-skip head --seed 4 --json --out");
    // two epochs of new heads find nothing: the alarm is right, and no matter here
    bench.run(&format!("{tune} whole"));
    for (out, enough) in [("early", "\"step\":1,"), ("late", "\"event\":\"epoch\"")] {
        let command = bench
            .command(&format!("{tune} {out}"))
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn();
        let mut child = command.unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        assert!(lines.any(|line| line.unwrap().contains(enough)));
        child.kill().unwrap();
        child.wait().unwrap();
    }
    bench.run(&format!("{tune} early --resume"));
    std::fs::rename(bench.path("run"), bench.path("away")).unwrap();
    bench.run("train --data data --out late --resume --device flex");
    // another name of the same weights
    bench.run(
        "train --data data --out late --resume --device flex --init away/best.safetensors \
         --init-skip head",
    );

    for out in ["early", "late"] {
        for name in [
            "metrics.jsonl",
            "best.safetensors",
            "checkpoint.safetensors",
        ] {
            let (whole, resumed) = (bench.path("whole").join(name), bench.path(out).join(name));
            assert!(read(&whole) == read(&resumed), "{out}/{name} differs");
        }
    }
    for (args, expected) in [
        ("--init bundled", "`init.sha256` is \""),
        (
            "--init away/best.safetensors",
            "`init.skip` is \"head\" in the run, not set was",
        ),
    ] {
        let text = bench.fails(1, &format!("train --data data --out late --resume {args}"));

        assert!(text.contains("cannot resume `late`: "), "{text}");
        assert!(text.contains(expected), "{text}");
    }
}

#[test]
fn people_that_the_first_training_knew_are_named_at_the_end_and_later() {
    let bench = Bench::new();
    bench.train();
    // everybody who was trained on is tested now
    let part = |name: &str| {
        let text = String::from_utf8(read(&bench.path("run/splits.json"))).unwrap();
        json(&text)["folds"][0][name].clone()
    };
    let split = serde_json::json!({
        "format_version": 1, "kind": "manual", "seed": 1,
        "folds": [{ "train": part("test"), "validation": part("validation"), "test": part("train") }],
    });
    std::fs::write(bench.path("turned.json"), split.to_string()).unwrap();

    let said = stderr(&bench.run(&format!("{TUNE} --split turned.json --out tuned")));
    let scores = bench.ok(
        "evaluate --model tuned/best.safetensors --data data --split turned.json --json \
         --device flex",
    );

    let warning = "were also used for training of what it started from: these scores are not";
    assert!(said.contains(warning), "{said}");
    let seen = json(&scores)["seen_before"].clone();
    assert_eq!(seen[0]["in"], "training of what it started from");
    assert_eq!(seen[0]["subjects"], part("train"));
}
