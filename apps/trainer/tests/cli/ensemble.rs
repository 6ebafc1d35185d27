//! Several models that answer together.

use crate::util::{Bench, json, read};

#[test]
fn folds_are_scored_as_one_model_and_it_says_so() {
    let bench = Bench::new();
    bench.train();
    bench.run(
        "train --data data --out two --preset small --config tiny.toml --device flex --seed 2",
    );
    let (a, b) = ("run/best.safetensors", "two/best.safetensors");
    let evaluate = |models: &str| {
        let args = format!("evaluate --data data --device flex --json --model {models}");
        json(&bench.ok(&args))
    };
    let [alone, other] = [a, b].map(evaluate);

    let together = evaluate(&format!("{a} {b}"));

    assert!(alone.get("ensemble").is_none());
    let models = together["ensemble"]["models"].as_array().unwrap();
    assert_eq!(
        (&models[0]["name"], &models[1]["name"]),
        (&a.into(), &b.into())
    );
    let sha256 =
        |file: &str| json(&bench.ok(&format!("info {file} --json")))["manifest"]["sha256"].clone();
    assert_eq!(
        (&models[0]["sha256"], &models[1]["sha256"]),
        (&sha256(a), &sha256(b))
    );
    let loss = |scores: &serde_json::Value| scores["calibration"]["ece"].as_f64();
    assert_ne!(loss(&together), loss(&alone));
    assert_ne!(loss(&together), loss(&other));
    // people that any of them knows
    let seen = |scores: &serde_json::Value| scores["seen_before"][0]["subjects"].clone();
    let known = |scores| seen(scores).as_array().unwrap().len();
    assert!(known(&together) >= known(&alone).max(known(&other)));

    let page = bench.ok(&format!(
        "evaluate --data data --device flex --model {a} {b} --out together"
    ));

    let line = format!("ensemble of 2: {a}, {b}; mean of probabilities and of presence");
    assert!(page.starts_with(&line), "{page}");
    let report = String::from_utf8(read(&bench.path("together/report.html"))).unwrap();
    assert!(report.contains("Model 2 of 2"));
}
