//! A run that is killed goes on to the very same result.

use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};

use crate::util::{Bench, json, read};

const TRAIN: &str =
    "train --data data --preset small --config tiny.toml --seed 4 --device flex --json --out";

/// Files that must not depend on whether a run was interrupted.
const SAME: [&str; 4] = [
    "metrics.jsonl",
    "best.safetensors",
    "checkpoint.safetensors",
    "evaluation.json",
];

/// Starts a run and waits for an event for which `enough` says yes.
fn start(bench: &Bench, out: &str, enough: impl Fn(&serde_json::Value) -> bool) -> Child {
    let mut child = bench
        .command(&format!("{TRAIN} {out}"))
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let stdout = child.stdout.take().unwrap();
    let mut lines = BufReader::new(stdout).lines().map_while(Result::ok);
    assert!(
        lines.any(|line| enough(&json(&line))),
        "the run ended before the moment came"
    );
    // somebody must go on reading, or the run stops at a closed pipe
    std::thread::spawn(move || lines.count());
    child
}

fn assert_same(bench: &Bench, out: &str) {
    for name in SAME {
        let (whole, resumed) = (bench.path("whole").join(name), bench.path(out).join(name));
        assert!(
            read(&whole) == read(&resumed),
            "{name} differs after a resume"
        );
    }
}

#[test]
fn a_run_killed_at_any_moment_resumes_to_the_same_files() {
    let bench = Bench::new();
    bench.ok(&format!("{TRAIN} whole"));
    let step = |epoch: u64, step: u64| {
        move |event: &serde_json::Value| {
            event["event"] == "step" && event["epoch"] == epoch && event["step"] == step
        }
    };
    let closed = |epoch: u64| {
        move |event: &serde_json::Value| {
            event["event"] == "epoch" && event["record"]["epoch"] == epoch
        }
    };

    start(&bench, "first", step(1, 2)).kill().unwrap();
    start(&bench, "middle", step(2, 3)).kill().unwrap();
    start(&bench, "edge", closed(2)).kill().unwrap();
    start(&bench, "last", step(3, 1)).kill().unwrap();

    for out in ["first", "middle", "edge", "last"] {
        bench.ok(&format!("{TRAIN} {out} --resume"));
        assert_same(&bench, out);
    }
}

#[test]
fn an_interrupt_stops_after_the_step_saves_and_exits_with_130() {
    let bench = Bench::new();
    bench.ok(&format!("{TRAIN} whole"));

    let mut child = start(&bench, "stopped", |event| {
        event["event"] == "step" && event["epoch"] == 2
    });
    let sent = Command::new("kill")
        .args(["-INT", &child.id().to_string()])
        .status()
        .unwrap();
    assert!(sent.success());

    assert_eq!(child.wait().unwrap().code(), Some(130));
    assert!(bench.path("stopped/checkpoint.safetensors").exists());
    bench.ok(&format!("{TRAIN} stopped --resume"));
    assert_same(&bench, "stopped");
}

#[test]
fn resuming_with_other_settings_is_refused() {
    let bench = Bench::new();
    bench.ok(&format!("{TRAIN} whole"));

    let text = bench.fails(
        1,
        "train --data data --preset small --config tiny.toml --seed 9 --device flex --out whole --resume",
    );

    assert!(text.contains("cannot resume"), "{text}");
}

#[test]
fn resuming_nothing_is_an_error() {
    let text = Bench::new().fails(1, "train --data data --out nowhere --resume");

    assert!(text.contains("no checkpoint to resume"), "{text}");
}
