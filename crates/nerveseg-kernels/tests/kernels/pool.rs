//! Max pooling and its gradient.

use nerveseg_kernels::Size;
use proptest::prelude::*;

use crate::reference::{Plain, pool, pool_backward};
use crate::util::{Blocked, Setting, cases, engines, random_maps, same, settings};

/// Values of a coarse grid, so that windows have several largest ones.
fn coarse_maps(channels: usize, size: Size, seed: u64) -> Vec<f32> {
    let round = |v: f32| (2.0 * v).round() / 2.0;
    random_maps(channels, size, seed)
        .into_iter()
        .map(round)
        .collect()
}

proptest! {
    #![proptest_config(cases(40))]

    #[test]
    fn any_maps(setting in settings(), ties in any::<bool>()) {
        let Setting { size, inputs: channels, threads, seed, .. } = setting;
        let maps = if ties { coarse_maps } else { random_maps };
        let input = maps(channels, size, seed);
        let gradient = random_maps(channels, size.halved(), seed ^ 1);
        let plain = Plain::new(&input, channels, size);
        let expected = pool(&plain);
        let expected_back = pool_backward(&plain, &Plain::new(&gradient, channels, size.halved()));
        for engine in engines(threads) {
            let input = Blocked::new(&engine, &input, channels, size);
            let gradient = Blocked::new(&engine, &gradient, channels, size.halved());
            let mut output = Blocked::fresh(&engine, channels, size.halved());
            let mut back = Blocked::fresh(&engine, channels, size);

            engine.pool(input.maps(), output.maps_mut(), size).unwrap();
            engine
                .pool_backward(input.maps(), gradient.maps(), back.maps_mut(), size)
                .unwrap();

            prop_assert!(same(&output.plain(&engine), &expected.data), "{}", engine.isa());
            prop_assert!(same(&back.plain(&engine), &expected_back.data), "{}", engine.isa());
        }
    }
}

#[test]
fn the_first_of_equal_values_gets_the_gradient() {
    let size = Size {
        batch: 1,
        height: 2,
        width: 8,
    };
    #[rustfmt::skip]
    let input = [
        1.0, 1.0,   0.0, 2.0,   0.0, -0.0,   -1.0, -3.0,
        1.0, 1.0,   2.0, 2.0,  -1.0,  0.0,   -1.0, -1.0,
    ];
    #[rustfmt::skip]
    let expected = [
        5.0, 0.0,   0.0, 6.0,   7.0, 0.0,   8.0, 0.0,
        0.0, 0.0,   0.0, 0.0,   0.0, 0.0,   0.0, 0.0,
    ];
    for engine in engines(1) {
        let input = Blocked::new(&engine, &input, 1, size);
        let gradient = Blocked::new(&engine, &[5.0, 6.0, 7.0, 8.0], 1, size.halved());
        let mut back = Blocked::fresh(&engine, 1, size);

        engine
            .pool_backward(input.maps(), gradient.maps(), back.maps_mut(), size)
            .unwrap();

        assert_eq!(back.plain(&engine), expected, "{}", engine.isa());
    }
}
