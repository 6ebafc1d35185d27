//! One engine, many callers.

use nerveseg_kernels::{Algorithm, Convolution, Engine, Finish, Size};
use rayon::prelude::*;

use crate::reference::{Plain, convolve};
use crate::util::{Blocked, assert_close, engines, random, random_maps};

/// Convolves its own input of its own size and compares.
fn call(engine: &Engine, caller: usize) {
    let (inputs, outputs) = (3 + caller, 20 - caller);
    let size = Size {
        batch: 1,
        height: 9 + caller,
        width: 14,
    };
    let input = random_maps(inputs, size, caller as u64);
    let weights = random(inputs * outputs * 9, 0.5, 1);
    let bias = vec![0.0; outputs];
    let expected = convolve(&Plain::new(&input, inputs, size), &weights, &bias);
    let input = Blocked::new(engine, &input, inputs, size);
    for algorithm in [Algorithm::Winograd, Algorithm::Direct] {
        let shape = (&[inputs][..], outputs);
        let convolution = Convolution::new(engine, shape, &weights, None, size, algorithm).unwrap();
        let mut output = Blocked::fresh(engine, outputs, size);
        engine
            .convolve(
                &convolution,
                &[input.maps()],
                &mut [output.maps_mut()],
                Finish::default(),
            )
            .unwrap();
        assert_close(
            "forward",
            engine,
            &output.plain(engine),
            &expected.data,
            (2e-5, 0.1),
        );
    }
}

#[test]
fn callers_from_several_threads_get_their_own_results() {
    for threads in [1, 2, 3] {
        for engine in &engines(threads) {
            std::thread::scope(|scope| {
                for caller in 0..6 {
                    scope.spawn(move || {
                        for _ in 0..5 {
                            call(engine, caller);
                        }
                    });
                }
            });
        }
    }
}

/// A thread of another pool that waits would take up the pool's next task, which may be a call too.
#[test]
fn callers_from_another_pool_get_their_own_results() {
    let pool = rayon::ThreadPoolBuilder::new()
        .num_threads(3)
        .build()
        .unwrap();
    for threads in [1, 2] {
        for engine in engines(threads) {
            pool.install(|| {
                (0..24_usize)
                    .into_par_iter()
                    .for_each(|i| call(&engine, i % 6));
            });
        }
    }
}
