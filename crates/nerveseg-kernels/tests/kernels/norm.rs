//! Batch normalisation with ReLU: statistics, forward, gradients.

use nerveseg_kernels::{Affine, Engine, Size};
use proptest::prelude::*;

use crate::reference::{Normalised, Plain, normalise, normalise_backward};
use crate::util::{
    Blocked, Setting, assert_close, cases, engines, error, random, random_maps, settings,
    typical_sum,
};

/// Added to the variance.
const EPSILON: f32 = 1e-3;
/// Rounding of sums of `f32`, times what a division by a small deviation makes of it.
const TOLERANCE: f64 = 2e-5;

fn wide(values: &[f32]) -> Vec<f64> {
    values.iter().map(|&v| f64::from(v)).collect()
}

/// Makes the gradient zero where rounding decides on which side of ReLU's kink a value falls.
fn avoid_the_kink(gradient: &mut [f32], made: &Normalised) {
    for (value, straight) in gradient.iter_mut().zip(&made.straight.data) {
        if straight.abs() < 1e-4 {
            *value = 0.0;
        }
    }
}

/// The largest factor that a channel is multiplied by.
fn affine_factor(gamma: &[f32], made: &Normalised) -> f64 {
    gamma
        .iter()
        .zip(&made.variance)
        .map(|(&gamma, variance)| f64::from(gamma.abs()) / (variance + f64::from(EPSILON)).sqrt())
        .fold(0.1, f64::max)
}

/// Everything about one batch; `centre` shifts its mean away from zero.
fn check(engine: &Engine, setting: Setting, centre: f32) {
    let Setting {
        size,
        inputs: channels,
        seed,
        ..
    } = setting;
    let input: Vec<f32> = random_maps(channels, size, seed)
        .into_iter()
        .map(|v| v + centre)
        .collect();
    let gamma = random(channels, 2.0, seed ^ 1);
    let beta = random(channels, 0.5, seed ^ 2);
    let mut gradient = random_maps(channels, size, seed ^ 3);
    let plain = Plain::new(&input, channels, size);
    let affine = [wide(&gamma), wide(&beta)];
    let made = normalise(&plain, &affine[0], &affine[1], f64::from(EPSILON));
    avoid_the_kink(&mut gradient, &made);
    let (expected_back, expected_affine) = normalise_backward(
        &plain,
        &affine[0],
        &affine[1],
        f64::from(EPSILON),
        &Plain::new(&gradient, channels, size),
    );

    let input = Blocked::new(engine, &input, channels, size);
    let statistics = engine.statistics(input.maps(), size).unwrap();
    assert_close("mean", engine, &statistics.mean, &made.mean, (1e-6, 0.1));
    assert_close(
        "variance",
        engine,
        &statistics.variance,
        &made.variance,
        (2e-6, 0.1),
    );

    let affine = Affine {
        gamma: &gamma,
        beta: &beta,
        epsilon: EPSILON,
    };
    let mut output = Blocked::fresh(engine, channels, size);
    engine
        .normalise(input.maps(), &statistics, affine, output.maps_mut(), size)
        .unwrap();
    assert_close(
        "forward",
        engine,
        &output.plain(engine),
        &made.output.data,
        (TOLERANCE, 1.0),
    );

    let gradient = Blocked::new(engine, &gradient, channels, size);
    let mut back = Blocked::fresh(engine, channels, size);
    let found = engine
        .normalise_backward(
            input.maps(),
            gradient.maps(),
            &statistics,
            affine,
            back.maps_mut(),
            size,
        )
        .unwrap();
    let back = back.plain(engine);
    // its terms have this factor before they cancel
    let steepest = affine_factor(&gamma, &made);
    assert_close(
        "input gradient",
        engine,
        &back,
        &expected_back.data,
        (TOLERANCE, steepest),
    );
    let typical = typical_sum(size.batch * size.pixels());
    for (found, expected) in found.iter().zip(&expected_affine) {
        assert_close(
            "gradient of gamma or beta",
            engine,
            found,
            expected,
            (TOLERANCE, typical),
        );
    }
}

proptest! {
    #![proptest_config(cases(40))]

    #[test]
    fn any_batch(setting in settings()) {
        for engine in engines(setting.threads) {
            check(&engine, setting, 0.0);
        }
    }
}

#[test]
fn large_planes() {
    let setting = Setting {
        size: Size {
            batch: 3,
            height: 96,
            width: 101,
        },
        inputs: 19,
        outputs: 0,
        threads: 3,
        seed: 4,
    };
    for engine in engines(setting.threads) {
        check(&engine, setting, 0.5);
    }
}

/// The sum of squares minus the square of the sum would leave nothing of this variance.
#[test]
fn variance_survives_a_mean_a_thousand_times_the_deviation() {
    let size = Size {
        batch: 4,
        height: 40,
        width: 33,
    };
    let input: Vec<f32> = random_maps(3, size, 5)
        .into_iter()
        .map(|v| v + 600.0)
        .collect();
    let made = normalise(&Plain::new(&input, 3, size), &[1.0; 3], &[0.0; 3], 0.0);
    for engine in engines(2) {
        let input = Blocked::new(&engine, &input, 3, size);

        let statistics = engine.statistics(input.maps(), size).unwrap();

        assert!(error(&statistics.mean, &made.mean, 0.1) < 1e-6);
        assert!(error(&statistics.variance, &made.variance, 0.1) < 1e-5);
    }
}
