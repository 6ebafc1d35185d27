//! One artifact, one answer, whatever computes it.

use std::io::Write as _;

use nerveseg_model::{DeviceSpec, Segmenter, UNetConfig};

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
