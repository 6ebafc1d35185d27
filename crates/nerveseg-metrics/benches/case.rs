//! All scores of one full-size case: `cargo bench -p nerveseg-metrics`.

use divan::Bencher;
use ndarray::Array2;
use nerveseg_metrics::CaseResult;

fn main() {
    divan::main();
}

/// An ellipse of a nerve's size on a frame of 580×420.
fn nerve(row: f64, column: f64) -> Array2<bool> {
    Array2::from_shape_fn((420, 580), |(y, x)| {
        let (dy, dx) = ((y as f64 - row) / 35.0, (x as f64 - column) / 65.0);
        dy * dy + dx * dx < 1.0
    })
}

#[divan::bench]
fn full_size_case(bencher: Bencher<'_, '_>) {
    let (prediction, truth) = (nerve(180.0, 290.0), nerve(190.0, 300.0));
    bencher.bench(|| CaseResult::new("1_1".to_owned(), 1, prediction.view(), truth.view(), None));
}
