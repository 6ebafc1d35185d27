//! Bilinear upsampling and its gradient.

use nerveseg_kernels::Size;
use proptest::prelude::*;

use crate::reference::{Plain, upsample, upsample_backward};
use crate::util::{Blocked, Setting, assert_close, cases, engines, random_maps, settings};

/// A few roundings; there are no long sums.
const TOLERANCE: f64 = 5e-7;

fn product(a: &[f32], b: &[f32]) -> f64 {
    a.iter()
        .zip(b)
        .map(|(&x, &y)| f64::from(x) * f64::from(y))
        .sum()
}

proptest! {
    #![proptest_config(cases(40))]

    #[test]
    fn any_maps(setting in settings()) {
        let Setting { size, inputs: channels, threads, seed, .. } = setting;
        let input = random_maps(channels, size, seed);
        let gradient = random_maps(channels, size.doubled(), seed ^ 1);
        let expected = upsample(&Plain::new(&input, channels, size));
        let expected_back = upsample_backward(&Plain::new(&gradient, channels, size.doubled()));
        for engine in engines(threads) {
            let blocked = Blocked::new(&engine, &input, channels, size);
            let blocked_gradient = Blocked::new(&engine, &gradient, channels, size.doubled());
            let mut output = Blocked::fresh(&engine, channels, size.doubled());
            let mut back = Blocked::fresh(&engine, channels, size);

            engine.upsample(blocked.maps(), output.maps_mut(), size).unwrap();
            engine.upsample_backward(blocked_gradient.maps(), back.maps_mut(), size).unwrap();

            let (output, back) = (output.plain(&engine), back.plain(&engine));
            assert_close("forward", &engine, &output, &expected.data, (TOLERANCE, 0.1));
            assert_close("gradient", &engine, &back, &expected_back.data, (TOLERANCE, 0.1));
            // ⟨Ax, y⟩ = ⟨x, Aᵀy⟩; every product is off by at most the tolerance
            let off = product(&output, &gradient) - product(&input, &back);
            prop_assert!(off.abs() < TOLERANCE * (gradient.len() + input.len()) as f64);
        }
    }
}

#[test]
fn a_row_is_blended_three_to_one_and_ends_in_its_border() {
    let size = Size {
        batch: 1,
        height: 1,
        width: 3,
    };
    for engine in engines(1) {
        let input = Blocked::new(&engine, &[0.0, 4.0, 8.0], 1, size);
        let mut output = Blocked::fresh(&engine, 1, size.doubled());

        engine
            .upsample(input.maps(), output.maps_mut(), size)
            .unwrap();

        let row = [0.0, 1.0, 3.0, 5.0, 7.0, 8.0];
        assert_eq!(
            output.plain(&engine),
            [row, row].concat(),
            "{}",
            engine.isa()
        );
    }
}
