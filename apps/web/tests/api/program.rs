//! The command line.

use std::net::TcpListener;
use std::process::Output;

use crate::support::{Folder, Process, program};

fn text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).unwrap()
}

fn fails(output: &Output) -> &str {
    assert_eq!(output.status.code(), Some(1));
    let message = text(&output.stderr).trim();
    assert!(message.starts_with("error: "), "{message}");
    message
}

#[test]
fn settings_come_from_flag_then_environment_then_file() {
    let folder = Folder::new();
    let file = folder.path("web.toml");
    std::fs::write(&file, "queue = 3\nrate_limit = 4\nmax_upload_mib = 5\n").unwrap();

    let output = program(&[
        "--print-config",
        "--config",
        file.to_str().unwrap(),
        "--queue",
        "9",
    ])
    .env("NERVESEG_WEB_QUEUE", "8")
    .env("NERVESEG_WEB_RATE_LIMIT", "7")
    .output()
    .unwrap();

    let printed = text(&output.stdout);
    for line in [
        "queue = 9",
        "rate_limit = 7",
        "max_upload_mib = 5",
        "max_frames = 4096",
    ] {
        assert!(
            printed.lines().any(|it| it == line),
            "{line} is not in\n{printed}"
        );
    }
}

#[test]
fn a_model_that_is_none_is_not_served() {
    let folder = Folder::new();
    let file = folder.path("model.safetensors");
    std::fs::write(&file, "not a model").unwrap();

    let output = program(&["--listen", "127.0.0.1:0", "--model", file.to_str().unwrap()])
        .output()
        .unwrap();

    assert!(fails(&output).contains("is not a whole safetensors file"));
}

#[test]
fn a_port_in_use_is_named() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();

    let output = program(&["--listen", &address]).output().unwrap();

    assert!(fails(&output).contains(&format!("cannot listen on `{address}`")));
}

#[test]
fn health_asks_a_running_server() {
    let mut process = Process::start(&[]);
    let address = process.address.to_string();

    let alive = program(&["health", &address]).output().unwrap();
    process.signal("-TERM");
    process.wait();
    let gone = program(&["health", &address]).output().unwrap();

    assert!(alive.status.success());
    assert!(fails(&gone).contains("cannot reach"));
}
