//! Signals to the program itself.

use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use image::ImageFormat;

use crate::support::{
    Connection, Folder, Process, encode, eventually, form, get, metric, nerve, post, request,
    slow_model,
};

const PATH: &str = "/api/v1/segment";

fn sha256(process: &Process) -> String {
    let json = get(process.address, "/api/v1/model", &[]).json();
    json["sha256"].as_str().unwrap().to_owned()
}

fn reloads(process: &Process, result: &str) -> f64 {
    let name = format!("nerveseg_model_reloads_total{{result=\"{result}\"}}");
    metric(get(process.address, "/metrics", &[]).text(), &name)
}

#[test]
fn sigterm_finishes_what_is_in_flight() {
    let model = slow_model();
    let flags = ["--model", model.to_str().unwrap(), "--drain-seconds", "0.5"];
    let mut process = Process::start(&flags);
    let png = encode(nerve(), ImageFormat::Png);

    let waiting: Vec<Connection> = (0..10)
        .map(|_| {
            let mut connection = Connection::open(process.address);
            connection.send(&request("POST", PATH, &[], &png));
            connection
        })
        .collect();
    process.signal("-TERM");

    eventually("not ready any more", || {
        get(process.address, "/health/ready", &[]).status == 503
    });
    let late = post(process.address, PATH, &[], &png);
    assert_eq!(late.status, 200, "while draining, who comes is served");
    for connection in waiting {
        assert_eq!(connection.answer().status, 200);
    }
    assert!(process.wait().success());
}

#[test]
fn sigint_does_not_dawdle() {
    let mut process = Process::start(&["--drain-seconds", "60"]);
    let begin = Instant::now();

    process.signal("-INT");

    assert!(process.wait().success());
    assert!(begin.elapsed() < Duration::from_secs(10));
}

#[test]
fn a_second_signal_does_not_wait() {
    let mut process = Process::start(&["--drain-seconds", "60"]);
    let begin = Instant::now();

    process.signal("-TERM");
    eventually("draining", || {
        get(process.address, "/health/ready", &[]).status == 503
    });
    process.signal("-TERM");

    assert!(process.wait().success());
    assert!(begin.elapsed() < Duration::from_secs(10));
}

#[test]
fn sighup_swaps_the_model_without_dropping_a_request() {
    let folder = Folder::new();
    let served = folder.model("model.safetensors", 1, &[2, 3]);
    let other = folder.model("other.safetensors", 2, &[2, 4]);
    let process = Process::start(&["--model", served.to_str().unwrap()]);
    let old = sha256(&process);
    let png = encode(nerve(), ImageFormat::Png);
    let stop = AtomicBool::new(false);

    std::thread::scope(|scope| {
        let ask = || {
            let mut answered = 0;
            while !stop.load(Ordering::Relaxed) {
                assert_eq!(post(process.address, PATH, &[], &png).status, 200);
                answered += 1;
            }
            answered
        };
        let clients = [scope.spawn(ask), scope.spawn(ask)];
        swap(&other, &served);
        process.signal("-HUP");
        eventually("the new model serves", || sha256(&process) != old);
        stop.store(true, Ordering::Relaxed);
        for client in clients {
            assert!(client.join().unwrap() > 0);
        }
    });

    assert!((reloads(&process, "done") - 1.0).abs() < 0.5);
}

#[test]
fn a_bad_new_model_leaves_the_old_one_serving() {
    let folder = Folder::new();
    let served = folder.model("model.safetensors", 1, &[2, 3]);
    let process = Process::start(&["--model", served.to_str().unwrap()]);
    let old = sha256(&process);

    std::fs::write(folder.path("bad"), "not a model").unwrap();
    swap(&folder.path("bad"), &served);
    process.signal("-HUP");

    eventually("the reload has failed", || {
        reloads(&process, "failed") > 0.5
    });
    assert_eq!(sha256(&process), old);
    let png = encode(nerve(), ImageFormat::Png);
    assert_eq!(post(process.address, PATH, &[], &png).status, 200);
}

/// Replaces a file at once, as a careful person does.
fn swap(from: &Path, to: &Path) {
    std::fs::rename(from, to).unwrap();
}

#[test]
fn the_log_says_nothing_about_who_and_what() {
    let mut process = Process::start(&["--log", "debug", "--log-format", "json"]);
    let (header, body) = form("image", "jane-doe.png", &encode(nerve(), ImageFormat::Png));
    let headers = [header, ("User-Agent", "secret-agent")];
    let good = post(
        process.address,
        &format!("{PATH}?threshold=0.4711"),
        &headers,
        &body,
    );
    let bad = post(process.address, PATH, &headers, b"jane-doe");

    process.signal("-INT");
    process.wait();
    let log = process.log();

    assert_eq!((good.status, bad.status), (200, 400));
    let requests = log
        .lines()
        .filter(|line| line.contains("\"route\":\"/api/v1/segment\""));
    assert_eq!(requests.count(), 2, "{log}");
    for line in log.lines() {
        let json: serde_json::Value = serde_json::from_str(line).unwrap();
        assert!(json["level"].is_string() && json["timestamp"].is_string());
    }
    for secret in ["jane", "doe", "0.4711", "secret-agent"] {
        assert!(!log.contains(secret), "{secret} is in {log}");
    }
    // the server's own address is no secret, the client's is
    let about_requests = log.lines().filter(|line| line.contains("\"route\""));
    assert!(about_requests.clone().count() > 2);
    assert!(
        about_requests
            .clone()
            .all(|line| !line.contains("127.0.0.1"))
    );
}
