use rand::{RngExt as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;
use rayon::prelude::*;

use crate::statistics::quantile;

/// 95 % percentile intervals of `N` statistics under resampling of whole subjects.
///
/// Frames of one subject are near-duplicates, so subjects, not frames, are drawn with replacement
/// (cluster bootstrap). `statistics` receives how often each subject was drawn. Every resample has
/// its own `ChaCha` stream, so the number of threads does not change the result.
///
/// A statistic has no interval with fewer than two subjects, or where more than 5 % of the
/// resamples leave it undefined; up to that, those resamples are left out.
pub(crate) fn subject_bootstrap<const N: usize>(
    subjects: usize,
    resamples: usize,
    seed: u64,
    statistics: impl Fn(&[u32]) -> [Option<f64>; N] + Sync,
) -> [Option<[f64; 2]>; N] {
    if subjects < 2 {
        return [None; N];
    }
    let drawn: Vec<[Option<f64>; N]> = (0..resamples)
        .into_par_iter()
        .map(|resample| statistics(&draw(subjects, seed, resample as u64)))
        .collect();
    std::array::from_fn(|index| {
        let mut values: Vec<f64> = drawn.iter().filter_map(|values| values[index]).collect();
        let enough = values.len() * 20 >= resamples * 19;
        let low = quantile(&mut values, 0.025)?;
        let high = quantile(&mut values, 0.975)?;
        enough.then_some([low, high])
    })
}

/// How often each of `subjects` comes up in as many draws with replacement.
fn draw(subjects: usize, seed: u64, resample: u64) -> Vec<u32> {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    rng.set_stream(resample);
    let mut weights = vec![0; subjects];
    for _ in 0..subjects {
        weights[rng.random_range(0..subjects)] += 1;
    }
    weights
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mean(values: &[f64], weights: &[u32]) -> f64 {
        let sum: f64 = values
            .iter()
            .zip(weights)
            .map(|(v, &w)| v * f64::from(w))
            .sum();
        sum / f64::from(weights.iter().sum::<u32>())
    }

    #[test]
    fn interval_of_a_mean_matches_normal_theory() {
        let values: Vec<f64> = (0..100).map(f64::from).collect();

        let [interval] = subject_bootstrap(100, 4000, 7, |weights| [Some(mean(&values, weights))]);

        // sd = 28.866, so mean ± 1.96·sd/√100; Monte Carlo error of an end point is about 0.1.
        let [low, high] = interval.unwrap();
        assert!((low - (49.5 - 5.658)).abs() < 0.5, "{low}");
        assert!((high - (49.5 + 5.658)).abs() < 0.5, "{high}");
    }

    #[test]
    fn seed_decides_the_draw() {
        assert_eq!(draw(23, 1, 5), draw(23, 1, 5));
        assert_ne!(draw(23, 1, 5), draw(23, 2, 5));
        assert_ne!(draw(23, 1, 5), draw(23, 1, 6));
        assert_eq!(draw(23, 1, 5).iter().sum::<u32>(), 23);
    }

    #[test]
    fn one_subject_has_no_interval() {
        assert_eq!(subject_bootstrap(1, 2000, 0, |_| [Some(0.5)]), [None]);
    }

    #[test]
    fn often_undefined_statistic_has_no_interval() {
        // Subject 0 is left out of a quarter of the resamples of two subjects.
        let intervals = subject_bootstrap(2, 2000, 0, |weights| {
            [(weights[0] > 0).then_some(0.5), Some(0.5)]
        });

        assert_eq!(intervals, [None, Some([0.5, 0.5])]);
    }
}
