//! Prints how long one full-size UNS case takes to score, in milliseconds.
//!
//! ```text
//! cargo run --release -p nerveseg-metrics --example time_case
//! ```

use std::hint::black_box;
use std::time::Instant;

use ndarray::Array2;
use nerveseg_metrics::score_case;
use rand::{RngExt as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;

/// `[height, width]` of a UNS frame.
const SIZE: (usize, usize) = (420, 580);
const REPEATS: usize = 200;

#[expect(
    clippy::print_stdout,
    reason = "the timings are what this example is for"
)]
fn main() {
    let nerve = ellipse(145.0, 334.0);
    let near = ellipse(152.0, 345.0);
    let far = ellipse(380.0, 60.0);
    let mut rng = ChaCha8Rng::seed_from_u64(0);
    let noise = Array2::from_shape_simple_fn(SIZE, || rng.random::<bool>());
    let cases = [
        ("nerve, prediction beside it", &near),
        ("nerve, prediction across the frame", &far),
        ("nerve, noise everywhere", &noise),
    ];
    for (name, prediction) in cases {
        let mut milliseconds: Vec<f64> = (0..REPEATS)
            .map(|_| {
                let start = Instant::now();
                black_box(score_case(black_box(prediction.view()), nerve.view(), None));
                start.elapsed().as_secs_f64() * 1e3
            })
            .collect();
        milliseconds.sort_by(f64::total_cmp);
        println!(
            "{name:<36} {:.3} ms (median of {REPEATS})",
            milliseconds[REPEATS / 2]
        );
    }
}

/// A nerve of median size, 6976 px, centred at `(row, col)`.
fn ellipse(row: f64, col: f64) -> Array2<bool> {
    Array2::from_shape_fn(SIZE, |(r, c)| {
        let (y, x) = (r as f64 - row, c as f64 - col);
        (y / 34.0).powi(2) + (x / 65.3).powi(2) <= 1.0
    })
}
