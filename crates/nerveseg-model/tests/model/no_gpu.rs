//! A machine without a GPU driver.

use std::io::Write as _;
use std::process::{Command, Output};
use std::time::{Duration, Instant};

use nerveseg_model::{DeviceSpec, available_devices};

/// Runs one of the ignored tests below in a process that sees no GPU driver.
fn without_gpu(test: &str) -> (Output, Duration) {
    let begin = Instant::now();
    let output = Command::new(std::env::current_exe().unwrap())
        .args(["--ignored", "--exact", "--nocapture", test])
        .env("VK_ICD_FILENAMES", "/nonexistent")
        .env("VK_DRIVER_FILES", "/nonexistent")
        .env("LIBGL_DRIVERS_PATH", "/nonexistent")
        .output()
        .unwrap();
    (output, begin.elapsed())
}

#[test]
#[ignore = "run by the tests below, without a GPU driver"]
fn child() {
    let mut out = std::io::stdout();
    let listed: Vec<String> = available_devices().into_iter().map(|d| d.device).collect();
    writeln!(out, "listed: {listed:?}").unwrap();
    writeln!(out, "auto: {}", DeviceSpec::Auto.open().unwrap().name).unwrap();
    for spec in [DeviceSpec::Wgpu(None), DeviceSpec::Wgpu(Some(3))] {
        match spec.open() {
            Ok(open) => writeln!(out, "opened: {}", open.name).unwrap(),
            Err(error) => writeln!(out, "error: {error}").unwrap(),
        }
    }
}

#[test]
fn without_a_gpu_auto_takes_the_cpu_and_wgpu_says_what_to_do() {
    let (output, elapsed) = without_gpu("no_gpu::child");

    let text = String::from_utf8_lossy(&output.stdout);
    let noise = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{text}{noise}");
    let line = |start: &str| text.lines().find(|l| l.contains(start)).unwrap_or_default();
    assert!(
        line("auto: ").starts_with("auto: cpu (") && line("auto: ").ends_with(", no GPU found"),
        "{text}"
    );
    assert!(!line("listed: ").contains("wgpu"), "{text}");
    assert!(
        line("error: ").contains("cannot open device `wgpu`: "),
        "{text}"
    );
    assert!(line("error: ").contains("use `--device cpu`"), "{text}");
    assert!(!noise.contains("panicked"), "{noise}");
    assert!(elapsed < Duration::from_secs(20), "took {elapsed:?}");
}
