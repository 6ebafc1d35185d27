//! 1×1 and transposed convolutions: forward, input gradient, weight gradient.

use nerveseg_kernels::{Engine, TransposedKernel};
use proptest::prelude::*;

use crate::kind::Kind;
use crate::reference::{Plain, convolve, convolve_backward, transposed, transposed_backward};
use crate::util::{
    Blocked, Setting, assert_close, cases, engines, random, random_maps, settings, typical_sum,
};

/// Rounding of sums of `f32`.
const TOLERANCE: f64 = 3e-6;

fn check(engine: &Engine, kind: Kind, setting: Setting) {
    let Setting {
        size,
        inputs,
        outputs,
        seed,
        ..
    } = setting;
    let channels = [inputs, outputs];
    let side = kind.side();
    let large = kind.output(size);
    let input = random_maps(inputs, size, seed);
    let weights = random(inputs * outputs * side * side, 0.5, seed ^ 1);
    let bias = random(outputs, 0.3, seed ^ 2);
    let gradient = random_maps(outputs, large, seed ^ 3);
    let (plain, plain_gradient) = (
        Plain::new(&input, inputs, size),
        Plain::new(&gradient, outputs, large),
    );
    let (expected, (expected_back, expected_weights)) = if side == 1 {
        (
            convolve(&plain, &weights, &bias),
            convolve_backward(&plain, &weights, &plain_gradient),
        )
    } else {
        (
            transposed(&plain, &weights, &bias, side),
            transposed_backward(&plain, &weights, &plain_gradient, side),
        )
    };

    let input = Blocked::new(engine, &input, inputs, size);
    let output = kind.forward(engine, channels, (&weights, Some(&bias)), &input, size);
    assert_close(
        "forward",
        engine,
        &output.plain(engine),
        &expected.data,
        (TOLERANCE, 0.1),
    );

    let gradient = Blocked::new(engine, &gradient, outputs, large);
    let back = kind.backward(engine, channels, &weights, &gradient, size);
    assert_close(
        "input gradient",
        engine,
        &back.plain(engine),
        &expected_back.data,
        (TOLERANCE, 0.1),
    );

    let typical = typical_sum(size.batch * size.pixels());
    let found = kind.weights_gradient(engine, &input, &gradient, weights.len(), size);
    assert_close(
        "weight gradient",
        engine,
        &found,
        &expected_weights,
        (TOLERANCE, typical),
    );
}

proptest! {
    #![proptest_config(cases(30))]

    #[test]
    fn any_pointwise(setting in settings()) {
        for engine in engines(setting.threads) {
            check(&engine, Kind::Pointwise, setting);
        }
    }

    #[test]
    fn any_transposed_2x2(setting in settings()) {
        for engine in engines(setting.threads) {
            check(&engine, Kind::Transposed(TransposedKernel::TwoByTwo), setting);
        }
    }

    #[test]
    fn any_transposed_3x3(setting in settings()) {
        for engine in engines(setting.threads) {
            check(&engine, Kind::Transposed(TransposedKernel::ThreeByThree), setting);
        }
    }
}
