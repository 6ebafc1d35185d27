//! The reference's own gradients against central differences.

use nerveseg_kernels::Size;

use crate::reference::{
    Plain, convolve, convolve_backward, normalise, normalise_backward, transposed,
    transposed_backward,
};
use crate::util::{random, random_maps};

const SIZE: Size = Size {
    batch: 2,
    height: 3,
    width: 4,
};

/// Half the distance of two arguments: a power of two, so that sums of it are exact.
const STEP: f64 = 1.0 / 1024.0;

fn product(a: &Plain, b: &Plain) -> f64 {
    a.data.iter().zip(&b.data).map(|(x, y)| x * y).sum()
}

/// Compares `of` with the slope of `loss` in every one of its arguments.
fn check(what: &str, of: &[f64], tolerance: f64, loss: impl Fn(usize, f64) -> f64) {
    for (i, expected) in of.iter().enumerate() {
        let slope = (loss(i, STEP) - loss(i, -STEP)) / (2.0 * STEP);
        assert!(
            (slope - expected).abs() < tolerance,
            "{what} {i}: {slope} against {expected}"
        );
    }
}

fn moved(maps: &Plain, place: usize, by: f64) -> Plain {
    let mut maps = maps.clone();
    maps.data[place] += by;
    maps
}

/// Weights on a grid of 2⁻¹⁰, where adding a step is exact.
fn grid(len: usize, seed: u64) -> Vec<f32> {
    let round = |v: f32| (v * 1024.0).round() / 1024.0;
    random(len, 1.0, seed).into_iter().map(round).collect()
}

fn moved_weights(weights: &[f32], place: usize, by: f64) -> Vec<f32> {
    let mut weights = weights.to_vec();
    weights[place] += by as f32;
    weights
}

#[test]
fn convolution() {
    let input = Plain::new(&random_maps(2, SIZE, 1), 2, SIZE);
    let gradient = Plain::new(&random_maps(3, SIZE, 2), 3, SIZE);
    for area in [1, 9] {
        let weights = grid(3 * 2 * area, 3);

        let (back, of_weights) = convolve_backward(&input, &weights, &gradient);

        // linear: nothing but rounding is left
        let loss = |input: &Plain, weights: &[f32]| {
            product(&convolve(input, weights, &[0.1, 0.2, 0.3]), &gradient)
        };
        check("input", &back.data, 1e-9, |i, by| {
            loss(&moved(&input, i, by), &weights)
        });
        check("weight", &of_weights, 1e-9, |i, by| {
            loss(&input, &moved_weights(&weights, i, by))
        });
    }
}

#[test]
fn transposed_convolution() {
    let input = Plain::new(&random_maps(2, SIZE, 4), 2, SIZE);
    let size = SIZE.doubled();
    let gradient = Plain::new(&random_maps(3, size, 5), 3, size);
    for side in [2, 3] {
        let weights = grid(2 * 3 * side * side, 6);

        let (back, of_weights) = transposed_backward(&input, &weights, &gradient, side);

        let loss = |input: &Plain, weights: &[f32]| {
            product(
                &transposed(input, weights, &[0.1, 0.2, 0.3], side),
                &gradient,
            )
        };
        check("input", &back.data, 1e-9, |i, by| {
            loss(&moved(&input, i, by), &weights)
        });
        check("weight", &of_weights, 1e-9, |i, by| {
            loss(&input, &moved_weights(&weights, i, by))
        });
    }
}

#[test]
fn normalisation() {
    let input = Plain::new(&random_maps(2, SIZE, 7), 2, SIZE);
    let gradient = Plain::new(&random_maps(2, SIZE, 8), 2, SIZE);
    let (gamma, beta) = ([1.5, -0.7], [0.2, 0.4]);
    let made = normalise(&input, &gamma, &beta, 1e-3);
    // no step crosses the kink of ReLU
    assert!(made.straight.data.iter().all(|v| v.abs() > 10.0 * STEP));

    let (back, [of_gamma, of_beta]) = normalise_backward(&input, &gamma, &beta, 1e-3, &gradient);

    let loss = |input: &Plain, gamma: &[f64], beta: &[f64]| {
        product(&normalise(input, gamma, beta, 1e-3).output, &gradient)
    };
    let moved_value = |values: [f64; 2], place: usize, by: f64| {
        let mut values = values;
        values[place] += by;
        values
    };
    // the third derivative times the squared step
    check("input", &back.data, 1e-4, |i, by| {
        loss(&moved(&input, i, by), &gamma, &beta)
    });
    check("gamma", &of_gamma, 1e-9, |i, by| {
        loss(&input, &moved_value(gamma, i, by), &beta)
    });
    check("beta", &of_beta, 1e-9, |i, by| {
        loss(&input, &gamma, &moved_value(beta, i, by))
    });
}
