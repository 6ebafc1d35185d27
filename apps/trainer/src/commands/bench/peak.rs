//! What the machine can do at most: the yardstick for everything else.

use std::time::{Duration, Instant};

use nerveseg_model::kernels::Engine;

/// Multiplications and additions of `f32` a second, in GFLOP/s, of all threads together: the best
/// of a few tenths of a second of sums that stay in registers.
pub(super) fn gflops(engine: &Engine) -> f64 {
    let (begin, mut best) = (Instant::now(), 0.0_f64);
    while begin.elapsed() < Duration::from_millis(300) {
        let start = Instant::now();
        let flops = engine.peak_work();
        best = best.max(flops / start.elapsed().as_secs_f64());
    }
    best / 1e9
}
