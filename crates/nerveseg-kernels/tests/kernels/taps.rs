//! 1×1 and transposed convolutions: forward, input gradient, weight gradient.

use nerveseg_kernels::{Engine, TapConvolution, TapKind};
use proptest::prelude::*;

use crate::reference::{Plain, convolve, convolve_back, transposed, transposed_back};
use crate::util::{
    Blocked, Setting, assert_close, cases, engines, random, random_maps, settings, typical_sum,
};

/// Rounding of sums of `f32`.
const TOLERANCE: f64 = 3e-6;

fn side(kind: TapKind) -> usize {
    match kind {
        TapKind::Pointwise => 1,
        TapKind::Transposed2x2 => 2,
        _ => 3,
    }
}

fn check(engine: &Engine, kind: TapKind, setting: Setting) {
    let Setting {
        size,
        inputs,
        outputs,
        seed,
        ..
    } = setting;
    let channels = [inputs, outputs];
    let side = side(kind);
    let large = if side == 1 { size } else { size.doubled() };
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
            convolve_back(&plain, &weights, &plain_gradient),
        )
    } else {
        (
            transposed(&plain, &weights, &bias, side),
            transposed_back(&plain, &weights, &plain_gradient, side),
        )
    };

    let input = Blocked::new(engine, &input, inputs, size);
    let forward = TapConvolution::new(engine, kind, channels, &weights, Some(&bias)).unwrap();
    let mut output = Blocked::fresh(engine, outputs, large);
    engine
        .convolve_taps(&forward, input.maps(), output.maps_mut(), size)
        .unwrap();
    assert_close(
        "forward",
        engine,
        &output.plain(engine),
        &expected.data,
        (TOLERANCE, 0.1),
    );

    let gradient = Blocked::new(engine, &gradient, outputs, large);
    let adjoint = TapConvolution::adjoint(engine, kind, channels, &weights).unwrap();
    let mut back = Blocked::fresh(engine, inputs, size);
    engine
        .convolve_taps(&adjoint, gradient.maps(), back.maps_mut(), size)
        .unwrap();
    assert_close(
        "input gradient",
        engine,
        &back.plain(engine),
        &expected_back.data,
        (TOLERANCE, 0.1),
    );

    let typical = typical_sum(size.batch * size.pixels());
    let mut found = vec![f32::NAN; weights.len()];
    engine
        .taps_weights_gradient(kind, input.maps(), gradient.maps(), &mut found, size)
        .unwrap();
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
            check(&engine, TapKind::Pointwise, setting);
        }
    }

    #[test]
    fn any_transposed_2x2(setting in settings()) {
        for engine in engines(setting.threads) {
            check(&engine, TapKind::Transposed2x2, setting);
        }
    }

    #[test]
    fn any_transposed_3x3(setting in settings()) {
        for engine in engines(setting.threads) {
            check(&engine, TapKind::Transposed3x3, setting);
        }
    }
}
