//! The convolution of the image, which is not blocked.

use nerveseg_kernels::{Engine, ImageConvolution};
use proptest::prelude::*;

use crate::reference::{Plain, convolve, convolve_backward};
use crate::util::{
    Blocked, Setting, assert_close, cases, engines, random, random_maps, settings, typical_sum,
};

/// Rounding of sums of `f32`.
const TOLERANCE: f64 = 3e-6;

fn check(engine: &Engine, channels: usize, setting: Setting) {
    let Setting {
        size,
        outputs,
        seed,
        ..
    } = setting;
    let images = random_maps(channels, size, seed);
    let weights = random(channels * outputs * 9, 0.5, seed ^ 1);
    let bias = random(outputs, 0.3, seed ^ 2);
    let gradient = random_maps(outputs, size, seed ^ 3);
    let plain = Plain::new(&images, channels, size);
    let expected = convolve(&plain, &weights, &bias);
    let (_, expected_weights) =
        convolve_backward(&plain, &weights, &Plain::new(&gradient, outputs, size));

    let convolution =
        ImageConvolution::new(engine, [channels, outputs], &weights, Some(&bias)).unwrap();
    let mut output = Blocked::fresh(engine, outputs, size);
    engine
        .convolve_image(&convolution, &images, output.maps_mut(), size)
        .unwrap();
    assert_close(
        "forward",
        engine,
        &output.plain(engine),
        &expected.data,
        (TOLERANCE, 0.1),
    );

    let gradient = Blocked::new(engine, &gradient, outputs, size);
    let typical = typical_sum(size.batch * size.pixels());
    let mut found = vec![f32::NAN; weights.len()];
    engine
        .image_weights_gradient(&images, channels, gradient.maps(), &mut found, size)
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
    #![proptest_config(cases(40))]

    #[test]
    fn any_image(setting in settings(), channels in 1_usize..5) {
        for engine in engines(setting.threads) {
            check(&engine, channels, setting);
        }
    }
}
