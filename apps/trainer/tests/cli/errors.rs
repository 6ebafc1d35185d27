//! Bad input: a message that names the thing, the right exit code, nothing half-written.

use crate::util::Bench;

#[test]
fn misuse_exits_with_two() {
    let bench = Bench::new();

    bench.fails(2, "train --out run");
    bench.fails(2, "evaluate --model x --data data --device cuda");
    let text = bench.fails(2, "split data --folds 2 --out s.json");
    assert!(text.contains("`--folds` must be 1"), "{text}");
    bench.ok("split data --folds 3 --out s.json");
    let text = bench.fails(2, "train --data data --out run --split s.json --fold 7");
    assert!(text.contains("has 3 folds"), "{text}");
}

#[test]
fn a_missing_folder_is_named() {
    let text = Bench::new().fails(1, "audit nowhere");

    assert!(
        text.starts_with("error: ") && text.contains("`nowhere`"),
        "{text}"
    );
}

#[test]
fn a_model_that_is_none_is_named() {
    let bench = Bench::new();
    std::fs::write(bench.path("model.safetensors"), "not a model").unwrap();

    let text = bench.fails(1, "predict --model model.safetensors --out masks data/test");

    assert!(
        text.contains("`model.safetensors` is not a whole safetensors file"),
        "{text}"
    );
    assert!(!bench.path("masks").exists());
}

#[test]
fn a_comparison_names_the_model_that_is_none() {
    let text = Bench::new().fails(1, "compare bundled other.safetensors --data data --out out");

    assert!(text.contains("`other.safetensors`"), "{text}");
}

#[test]
fn a_threshold_that_is_no_probability_is_named() {
    let text = Bench::new().fails(
        1,
        "evaluate --data data --device flex --presence-threshold 1.5",
    );

    assert!(text.contains("presence_threshold"), "{text}");
}

#[test]
fn one_broken_image_does_not_stop_the_others() {
    let bench = Bench::new();
    bench.train();
    std::fs::write(bench.path("data/test/9.tif"), "II*\0 cut").unwrap();

    let output = bench
        .run("predict --model run/best.safetensors --out masks --device flex --json data/test");

    assert_eq!(output.status.code(), Some(1));
    assert_eq!(
        String::from_utf8(output.stdout.clone())
            .unwrap()
            .lines()
            .count(),
        3
    );
    assert!(
        crate::util::stderr(&output).contains("9.tif"),
        "{}",
        crate::util::stderr(&output)
    );
    assert!(!bench.path("masks/9.tif.nerve-mask.png").exists());
}

#[test]
fn a_second_run_does_not_overwrite_the_first() {
    let bench = Bench::new();
    bench.train();

    let text = bench.fails(
        1,
        "train --data data --out run --preset small --config tiny.toml --device flex",
    );

    assert!(text.contains("already holds a run"), "{text}");
}

#[test]
fn a_broken_file_stops_training_or_is_named_and_left_out() {
    let bench = Bench::new();
    std::fs::remove_file(bench.path("data/train/2_3_mask.tif")).unwrap();
    std::fs::remove_file(bench.path("data/train_masks.csv")).unwrap();
    let train =
        "train --data data --out run --preset small --config tiny.toml --epochs 1 --device flex";

    let text = bench.fails(1, train);
    assert!(text.contains("2_3"), "{text}");

    let text = crate::util::stderr(&bench.run(&format!("{train} --skip-bad")));
    assert!(text.contains("left out") && text.contains("2_3"), "{text}");
}

#[test]
fn a_subject_in_two_parts_is_refused() {
    let bench = Bench::new();
    let splits = r#"{"format_version":1,"kind":"manual","seed":0,
        "folds":[{"train":[1,2,3],"validation":[3,4],"test":[5]}]}"#;
    std::fs::write(bench.path("splits.json"), splits).unwrap();

    let text = bench.fails(
        1,
        "train --data data --out run --split splits.json --device flex",
    );

    assert!(text.contains("subject 3"), "{text}");
}

#[test]
fn a_misspelt_setting_is_named() {
    let bench = Bench::new();
    std::fs::write(bench.path("bad.toml"), "epoch = 3\n").unwrap();

    let text = bench.fails(1, "train --data data --out run --config bad.toml");

    assert!(
        text.contains("`bad.toml`") && text.contains("unknown field `epoch`"),
        "{text}"
    );
}

#[test]
fn a_closed_pipe_is_no_failure() {
    let bench = Bench::new();
    let mut child = bench
        .command("completions bash")
        .stdout(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());

    assert!(child.wait().unwrap().success());
}
