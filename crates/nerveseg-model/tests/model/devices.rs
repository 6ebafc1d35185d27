//! One artifact, one answer, whatever computes it.

use std::io::Write as _;
use std::process::{Command, Output};
use std::time::{Duration, Instant};

use nerveseg_model::{DeviceSpec, Segmenter, UNetConfig, available_devices};

use crate::util::{UPSAMPLES, bytes, picture};

/// Says it past the test harness, which would swallow `eprintln!`.
fn skipped(what: &str) {
    writeln!(std::io::stderr(), "SKIPPED: {what}").unwrap();
}

fn config(upsample: nerveseg_model::Upsample) -> UNetConfig {
    UNetConfig {
        features: vec![4, 8, 12],
        upsample,
        ..UNetConfig::small()
    }
}

/// Greatest difference of any probability from those of flex, over every way to upsample.
fn greatest_difference(device: DeviceSpec) -> f32 {
    let images = [picture(58, 42), picture(23, 17), picture(40, 24)];
    let mut greatest = 0.0_f32;
    for upsample in UPSAMPLES {
        let bytes = bytes(&config(upsample));
        let [flex, other] = [DeviceSpec::Flex, device].map(|device| {
            let segmenter = Segmenter::from_bytes(&bytes, "toy", device).unwrap();
            segmenter.segment_batch(&images).unwrap()
        });
        for (flex, other) in flex.iter().zip(&other) {
            let difference = &flex.probabilities - &other.probabilities;
            greatest = difference.iter().fold(greatest, |g, d| g.max(d.abs()));
            greatest = greatest.max((flex.presence - other.presence).abs());
        }
    }
    greatest
}

#[test]
fn the_fused_plan_agrees_with_flex() {
    let difference = greatest_difference(DeviceSpec::Cpu);

    // the promise of the README; measured 1e-6
    assert!(difference < 1e-4, "differs by {difference}");
}

#[test]
fn ndarray_agrees_with_flex() {
    if cfg!(not(feature = "ndarray")) {
        return skipped("the backend `ndarray` is not in this build");
    }

    let difference = greatest_difference(DeviceSpec::Ndarray);

    // the promise of the README; measured 1e-7
    assert!(difference < 1e-4, "differs by {difference}");
}

#[test]
fn wgpu_agrees_with_flex() {
    if DeviceSpec::Wgpu(None).open().is_err() {
        return skipped("no adapter for `wgpu`: the GPU path was not tested");
    }

    let difference = greatest_difference(DeviceSpec::Wgpu(None));

    assert!(difference < 1e-4, "differs by {difference}");
}

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
    if cfg!(not(feature = "wgpu")) {
        return skipped("the backend `wgpu` is not in this build");
    }
    let (output, elapsed) = without_gpu("devices::child");

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
