//! What a convolution does to its output before storing it.

use nerveseg_kernels::{Algorithm, Convolution, Finish};
use proptest::prelude::*;

use crate::reference::{Plain, pool};
use crate::util::{Blocked, Setting, cases, engines, random, random_maps, same, settings};

proptest! {
    #![proptest_config(cases(30))]

    #[test]
    fn relu_sets_negative_values_to_zero_and_leaves_the_others(setting in settings()) {
        let Setting { size, inputs, outputs, threads, seed } = setting;
        let input = random_maps(inputs, size, seed);
        let weights = random(inputs * outputs * 9, 0.5, seed ^ 1);
        let bias = random(outputs, 0.3, seed ^ 2);
        for engine in engines(threads) {
            let input = Blocked::new(&engine, &input, inputs, size);
            for algorithm in [Algorithm::Winograd, Algorithm::Direct] {
                let shape = (&[inputs][..], outputs);
                let convolution =
                    Convolution::new(&engine, shape, &weights, Some(&bias), size, algorithm)
                        .unwrap();
                let [straight, cut] = [false, true].map(|relu| {
                    let mut output = Blocked::fresh(&engine, outputs, size);
                    let finish = Finish { relu, pooled: None };
                    engine
                        .convolve(&convolution, &[input.maps()], &mut [output.maps_mut()], finish)
                        .unwrap();
                    output.plain(&engine)
                });

                let expected: Vec<f32> = straight.iter().map(|v| v.max(0.0)).collect();
                prop_assert_eq!(cut, expected);
            }
        }
    }

    #[test]
    fn pooled_is_the_output_pooled(setting in settings(), relu in any::<bool>()) {
        let Setting { size, inputs, outputs, threads, seed } = setting;
        let input = random_maps(inputs, size, seed);
        let weights = random(inputs * outputs * 9, 0.5, seed ^ 1);
        let bias = random(outputs, 0.3, seed ^ 2);
        for engine in engines(threads) {
            let input = Blocked::new(&engine, &input, inputs, size);
            let shape = (&[inputs][..], outputs);
            let algorithm = Algorithm::Winograd;
            let convolution =
                Convolution::new(&engine, shape, &weights, Some(&bias), size, algorithm).unwrap();
            let mut output = Blocked::fresh(&engine, outputs, size);
            let mut pooled = Blocked::fresh(&engine, outputs, size.halved());

            let finish = Finish { relu, pooled: Some(pooled.maps_mut()) };
            engine
                .convolve(&convolution, &[input.maps()], &mut [output.maps_mut()], finish)
                .unwrap();

            let expected = pool(&Plain::new(&output.plain(&engine), outputs, size));
            prop_assert!(same(&pooled.plain(&engine), &expected.data), "{}", engine.isa());
        }
    }
}
