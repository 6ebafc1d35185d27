//! `predict --skip-done` and `--overwrite`: going on, and starting anew.

use std::io::{BufRead as _, BufReader};
use std::process::Stdio;

use crate::util::{Bench, column, read, stderr};

const PREDICT: &str = "predict --device cpu";

fn table(bench: &Bench, out: &str) -> String {
    let text = String::from_utf8(read(&bench.path(&format!("{out}/predictions.csv")))).unwrap();
    text.replace(&format!("{out}/"), "")
}

fn rows(text: &str) -> usize {
    text.lines().count() - 1
}

#[test]
fn a_killed_run_goes_on_and_the_table_is_that_of_a_whole_one() {
    let bench = Bench::new();
    bench.ok(&format!("{PREDICT} --out whole data/train"));
    let mut child = bench
        .command(&format!("{PREDICT} --out out data/train"))
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    // the header and three rows
    let printed: Vec<String> = lines.by_ref().take(4).map(Result::unwrap).collect();
    child.kill().unwrap();
    child.wait().unwrap();
    assert!(
        !bench.path("out/predictions.csv").exists(),
        "it was not killed in time"
    );
    // a row that was cut off, one without its picture, and a picture without its row
    let journal = bench.path("out/predictions.jsonl");
    let mut text = String::from_utf8(read(&journal)).unwrap();
    assert!(
        rows(&text) + 1 >= printed.len() - 1,
        "rows are on the disk before they are printed"
    );
    text += "{\"image\":\"data/tr";
    std::fs::write(&journal, text).unwrap();
    std::fs::remove_file(bench.path("out/1_1.tif.nerve-overlay.png")).unwrap();
    std::fs::write(bench.path("out/6_6.tif.nerve-mask.png"), "half").unwrap();
    let kept = bench.path("out/1_2.tif.nerve-mask.png");
    let written = kept.metadata().unwrap().modified().unwrap();

    let said = bench.fails(1, &format!("{PREDICT} --out out data/train"));
    assert!(said.contains("--skip-done"), "{said}");
    let printed = bench.ok(&format!("{PREDICT} --out out --skip-done data/train"));

    assert!((1..36).contains(&rows(&printed)), "{printed}");
    assert!(printed.contains("data/train/1_1.tif"), "{printed}");
    assert_eq!(kept.metadata().unwrap().modified().unwrap(), written);
    assert_eq!(table(&bench, "out"), table(&bench, "whole"));
    for entry in std::fs::read_dir(bench.path("whole")).unwrap() {
        let whole = entry.unwrap().path();
        let name = whole.file_name().unwrap().to_str().unwrap();
        if whole.extension().is_some_and(|it| it == "png") {
            let again = read(&bench.path(&format!("out/{name}")));
            assert!(again == read(&whole), "{name}");
        }
    }
    let printed = bench.ok(&format!("{PREDICT} --out out --skip-done data/train"));
    assert_eq!(rows(&printed), 0, "{printed}");
    assert_eq!(table(&bench, "out"), table(&bench, "whole"));
}

#[test]
fn the_table_has_the_rows_of_earlier_runs() {
    let bench = Bench::new();
    let go_on = |inputs: &str| {
        bench.ok(&format!("{PREDICT} --out out --skip-done {inputs}"));
        rows(&table(&bench, "out"))
    };

    assert_eq!(go_on("data/test/1.tif"), 1);
    assert_eq!(go_on("data/test/2.tif data/test/3.tif"), 3);
    assert_eq!(go_on("data/test"), 3);
    bench.ok(&format!(
        "{PREDICT} --out out --overwrite --threshold 0.2 data/test/2.tif"
    ));
    let models = column(&table(&bench, "out"), "model");
    assert_eq!(models.len(), 3);
    assert!(
        models[0] == models[2] && models[0] != models[1],
        "{models:?}"
    );
}

#[test]
fn rows_of_another_model_or_file_are_not_taken_for_done() {
    let bench = Bench::new();
    bench.ok(&format!("{PREDICT} --out out data/test"));
    let before = table(&bench, "out");

    let other = format!("{PREDICT} --out out --skip-done --threshold 0.2 data/test");
    let said = bench.fails(1, &other);
    assert!(said.contains("other settings"), "{said}");
    std::fs::copy(bench.path("data/test/1.tif"), bench.path("data/test/2.tif")).unwrap();
    let said = bench.fails(1, &format!("{PREDICT} --out out --skip-done data/test"));
    assert!(said.contains("out/2.tif.nerve-mask.png"), "{said}");

    assert_eq!(table(&bench, "out"), before);
}

#[test]
fn a_failure_is_tried_again() {
    let bench = Bench::new();
    let (good, bad) = (bench.path("data/test/1.tif"), bench.path("data/test/9.tif"));
    std::fs::write(&bad, "II*\0 cut").unwrap();
    bench.fails(1, &format!("{PREDICT} --out out data/test"));
    assert_eq!(rows(&table(&bench, "out")), 4);
    std::fs::copy(good, bad).unwrap();

    let printed = bench.ok(&format!("{PREDICT} --out out --skip-done data/test"));

    assert_eq!(rows(&printed), 1, "{printed}");
    let table = table(&bench, "out");
    assert_eq!(rows(&table), 4);
    assert!(
        column(&table, "error").iter().all(String::is_empty),
        "{table}"
    );
}

#[test]
fn one_run_at_a_time_writes_into_a_folder() {
    let bench = Bench::new();
    bench.ok(&format!("{PREDICT} --out out data/test"));
    let folder = std::fs::File::open(bench.path("out")).unwrap();
    folder.try_lock().unwrap();

    let output = bench.run(&format!("{PREDICT} --out out --skip-done data/test"));

    assert_eq!(output.status.code(), Some(1));
    assert!(
        stderr(&output).contains("another run writes into `out`"),
        "{output:?}"
    );
}

#[cfg(unix)]
#[test]
fn an_interrupted_run_writes_its_table_and_goes_on() {
    let bench = Bench::new();
    let mut child = bench
        .command(&format!("{PREDICT} --out out data/train"))
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    lines.by_ref().take(2).for_each(|line| drop(line.unwrap()));
    let pid = child.id().to_string();
    let kill = std::process::Command::new("kill")
        .args(["-INT", &pid])
        .status();
    assert!(kill.unwrap().success());

    assert_eq!(child.wait().unwrap().code(), Some(130));

    let done = rows(&table(&bench, "out"));
    assert!((1..36).contains(&done), "{done}");
    let printed = bench.ok(&format!("{PREDICT} --out out --skip-done data/train"));
    assert_eq!(rows(&printed), 36 - done);
    assert_eq!(rows(&table(&bench, "out")), 36);
}
