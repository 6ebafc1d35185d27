//! 3×3 convolutions: forward, input gradient, weight gradient.

use nerveseg_kernels::{Algorithm, Convolution, Engine, Finish, Maps, MapsMut, Size};
use proptest::prelude::*;

use crate::reference::{Plain, convolve, convolve_backward};
use crate::util::{
    Blocked, assert_close, cases, channels, engines, random, random_maps, sizes, typical_sum,
};

/// Rounding of sums of `f32`, and what the transform adds to it.
const DIRECT: f64 = 3e-6;
const WINOGRAD: f64 = 2e-5;

#[derive(Clone, Debug)]
struct Setting {
    size: Size,
    parts: Vec<usize>,
    outputs: usize,
    seed: u64,
}

fn settings() -> impl Strategy<Value = Setting> {
    let parts = prop::collection::vec(channels(), 1..3);
    (sizes(), parts, channels(), any::<u64>()).prop_map(|(size, parts, outputs, seed)| Setting {
        size,
        parts,
        outputs,
        seed,
    })
}

/// Runs all three on one engine and compares them.
fn check(engine: &Engine, setting: &Setting, algorithm: Algorithm, tolerance: f64) {
    let Setting {
        size,
        ref parts,
        outputs,
        seed,
    } = *setting;
    let channels: usize = parts.iter().sum();
    let plain: Vec<Vec<f32>> = parts
        .iter()
        .enumerate()
        .map(|(i, &part)| random_maps(part, size, seed ^ i as u64))
        .collect();
    let scale = (6.0 / (9.0 * channels as f32)).sqrt();
    let weights = random(outputs * channels * 9, scale, seed ^ 7);
    let bias = random(outputs, 0.3, seed ^ 8);
    let gradient = random_maps(outputs, size, seed ^ 9);
    let input = joined(&plain, parts, size);
    let expected = convolve(&input, &weights, &bias);
    let (expected_back, expected_weights) =
        convolve_backward(&input, &weights, &Plain::new(&gradient, outputs, size));

    let blocked: Vec<Blocked> = plain
        .iter()
        .zip(parts)
        .map(|(plain, &part)| Blocked::new(engine, plain, part, size))
        .collect();
    let maps: Vec<Maps<'_>> = blocked.iter().map(Blocked::maps).collect();
    let shape = (parts.as_slice(), outputs);
    let forward = Convolution::new(engine, shape, &weights, Some(&bias), size, algorithm).unwrap();
    let mut output = Blocked::fresh(engine, outputs, size);
    engine
        .convolve(&forward, &maps, &mut [output.maps_mut()], Finish::default())
        .unwrap();
    assert_close(
        "forward",
        engine,
        &output.plain(engine),
        &expected.data,
        (tolerance, 0.1),
    );

    let gradient = Blocked::new(engine, &gradient, outputs, size);
    let adjoint = Convolution::adjoint(engine, shape, &weights, size, algorithm).unwrap();
    let mut backs: Vec<Blocked> = parts
        .iter()
        .map(|&part| Blocked::fresh(engine, part, size))
        .collect();
    let mut to: Vec<MapsMut<'_>> = backs.iter_mut().map(Blocked::maps_mut).collect();
    engine
        .convolve(&adjoint, &[gradient.maps()], &mut to, Finish::default())
        .unwrap();
    let backs: Vec<Vec<f32>> = backs.iter().map(|back| back.plain(engine)).collect();
    let found: Vec<f32> = joined(&backs, parts, size)
        .data
        .iter()
        .map(|&v| v as f32)
        .collect();
    assert_close(
        "input gradient",
        engine,
        &found,
        &expected_back.data,
        (tolerance, 0.1),
    );

    let typical = typical_sum(size.batch * size.pixels());
    let mut found = vec![f32::NAN; weights.len()];
    engine
        .convolution_weights_gradient(&maps, gradient.maps(), &mut found, size, algorithm)
        .unwrap();
    assert_close(
        "weight gradient",
        engine,
        &found,
        &expected_weights,
        (tolerance, typical),
    );
}

/// One set of plain maps after the other, image by image: a concatenation.
fn joined(plain: &[Vec<f32>], parts: &[usize], size: Size) -> Plain {
    let mut data = Vec::new();
    for n in 0..size.batch {
        for (plain, part) in plain.iter().zip(parts) {
            let image = part * size.pixels();
            data.extend_from_slice(&plain[n * image..(n + 1) * image]);
        }
    }
    Plain::new(&data, parts.iter().sum(), size)
}

proptest! {
    #![proptest_config(cases(40))]

    #[test]
    fn any_size_and_any_channels_directly(setting in settings()) {
        for engine in engines(2) {
            check(&engine, &setting, Algorithm::Direct, DIRECT);
        }
    }

    #[test]
    fn any_size_and_any_channels_through_winograd(setting in settings()) {
        for engine in engines(2) {
            check(&engine, &setting, Algorithm::Winograd, WINOGRAD);
        }
    }
}

#[test]
fn sizes_of_the_network_with_every_number_of_threads() {
    for threads in [1, 3, 4] {
        for engine in engines(threads) {
            for (side, parts, outputs) in [(32, vec![32, 32], 32), (8, vec![96], 160)] {
                let size = Size {
                    batch: 2,
                    height: side,
                    width: side,
                };
                let setting = Setting {
                    size,
                    parts,
                    outputs,
                    seed: 5,
                };
                check(&engine, &setting, Algorithm::Auto, WINOGRAD);
                check(&engine, &setting, Algorithm::Direct, DIRECT);
            }
        }
    }
}
