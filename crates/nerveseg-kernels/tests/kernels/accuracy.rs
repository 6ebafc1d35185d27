//! How far a convolution is from the exact one, next to plain sums in `f32`.

use nerveseg_kernels::{Algorithm, Convolution, Finish, Size};

use crate::reference::{Plain, convolve};
use crate::util::{Blocked, engines, random, random_maps};

const CHANNELS: usize = 64;
const SIZE: Size = Size {
    batch: 1,
    height: 32,
    width: 32,
};

/// One product added after the other, in `f32`.
fn sequential(input: &[f32], weights: &[f32]) -> Vec<f32> {
    let (height, width) = (SIZE.height as isize, SIZE.width as isize);
    let at = |c: usize, y: isize, x: isize| {
        let inside = (0..height).contains(&y) && (0..width).contains(&x);
        if inside {
            input[c * SIZE.pixels() + (y * width + x) as usize]
        } else {
            0.0
        }
    };
    let output = Plain::zeros(CHANNELS, SIZE);
    output
        .places()
        .map(|(_, o, y, x)| {
            let mut sum = 0.0_f32;
            for c in 0..CHANNELS {
                for (tap, weight) in weights[(o * CHANNELS + c) * 9..][..9].iter().enumerate() {
                    let (ky, kx) = ((tap / 3) as isize - 1, (tap % 3) as isize - 1);
                    sum += weight * at(c, y as isize + ky, x as isize + kx);
                }
            }
            sum
        })
        .collect()
}

/// Root of the mean squared difference.
fn deviation(found: &[f32], exact: &[f64]) -> f64 {
    let squares = found
        .iter()
        .zip(exact)
        .map(|(&a, &b)| (f64::from(a) - b).powi(2));
    (squares.sum::<f64>() / exact.len() as f64).sqrt()
}

/// Largest difference.
fn largest(found: &[f32], exact: &[f64]) -> f64 {
    let off = found
        .iter()
        .zip(exact)
        .map(|(&a, &b)| (f64::from(a) - b).abs());
    off.fold(0.0, f64::max)
}

#[test]
fn winograd_stays_within_ten_times_and_direct_within_three_times_of_plain_sums() {
    // He et al., 2015, arXiv:1502.01852: a variance of 2 / (9·channels)
    let scale = (6.0 / (9.0 * CHANNELS as f32)).sqrt();
    let weights = random(CHANNELS * CHANNELS * 9, scale, 1);
    let input = random_maps(CHANNELS, SIZE, 2);
    let exact = convolve(
        &Plain::new(&input, CHANNELS, SIZE),
        &weights,
        &[0.0; CHANNELS],
    )
    .data;
    let plain = sequential(&input, &weights);
    for engine in engines(2) {
        let input = Blocked::new(&engine, &input, CHANNELS, SIZE);
        for (algorithm, most) in [(Algorithm::Winograd, 10.0), (Algorithm::Direct, 3.0)] {
            let shape = (&[CHANNELS][..], CHANNELS);
            let convolution =
                Convolution::new(&engine, shape, &weights, None, SIZE, algorithm).unwrap();
            let mut output = Blocked::fresh(&engine, CHANNELS, SIZE);
            engine
                .convolve(
                    &convolution,
                    &[input.maps()],
                    &mut [output.maps_mut()],
                    Finish::default(),
                )
                .unwrap();

            let found = output.plain(&engine);
            let typical = deviation(&found, &exact) / deviation(&plain, &exact);
            let worst = largest(&found, &exact) / largest(&plain, &exact);
            println!(
                "{algorithm:?} on {}: {typical:.2} times the deviation of plain sums, {worst:.2} \
                 times their largest error",
                engine.isa()
            );
            assert!(typical < most && worst < most);
        }
    }
}
