//! The last layer, its gradients, and sums of channels.

use nerveseg_kernels::{Engine, Head};
use proptest::prelude::*;

use crate::reference::{Plain, channel_sums, convolve, convolve_backward};
use crate::util::{
    Blocked, Setting, assert_close, cases, engines, random, random_maps, settings, typical_sum,
};

/// Rounding of sums of `f32`.
const TOLERANCE: f64 = 3e-6;

fn check(engine: &Engine, outputs: usize, setting: Setting) {
    let Setting {
        size, inputs, seed, ..
    } = setting;
    let input = random_maps(inputs, size, seed);
    let weights = random(inputs * outputs, 0.5, seed ^ 1);
    let bias = random(outputs, 0.3, seed ^ 2);
    let gradient = random_maps(outputs, size, seed ^ 3);
    let plain = Plain::new(&input, inputs, size);
    let plain_gradient = Plain::new(&gradient, outputs, size);
    let expected = convolve(&plain, &weights, &bias);
    let (expected_back, expected_weights) = convolve_backward(&plain, &weights, &plain_gradient);

    let input = Blocked::new(engine, &input, inputs, size);
    let head = Head::new(engine, inputs, &weights, &bias).unwrap();
    let mut logits = vec![f32::NAN; gradient.len()];
    engine.head(&head, input.maps(), &mut logits, size).unwrap();
    assert_close("logits", engine, &logits, &expected.data, (TOLERANCE, 0.1));

    let typical = typical_sum(size.batch * size.pixels());
    let mut back = Blocked::fresh(engine, inputs, size);
    let [of_weights, of_bias] = engine
        .head_backward(&head, input.maps(), &gradient, back.maps_mut(), size)
        .unwrap();
    assert_close(
        "input gradient",
        engine,
        &back.plain(engine),
        &expected_back.data,
        (TOLERANCE, 0.1),
    );
    assert_close(
        "weight gradient",
        engine,
        &of_weights,
        &expected_weights,
        (TOLERANCE, typical),
    );
    let expected_bias = channel_sums(&plain_gradient);
    assert_close(
        "bias gradient",
        engine,
        &of_bias,
        &expected_bias,
        (TOLERANCE, typical),
    );
}

proptest! {
    #![proptest_config(cases(40))]

    #[test]
    fn any_head(setting in settings(), outputs in 1_usize..5) {
        for engine in engines(setting.threads) {
            check(&engine, outputs, setting);
        }
    }

    #[test]
    fn sums_of_any_channels(setting in settings()) {
        let Setting { size, inputs: channels, threads, seed, .. } = setting;
        let maps = random_maps(channels, size, seed);
        let expected = channel_sums(&Plain::new(&maps, channels, size));
        for engine in engines(threads) {
            let maps = Blocked::new(&engine, &maps, channels, size);

            let sums = engine.channel_sums(maps.maps(), size).unwrap();

            let typical = typical_sum(size.batch * size.pixels());
            assert_close("sums", &engine, &sums, &expected, (TOLERANCE, typical));
        }
    }
}
