//! How many frames of each subject contain a nerve.

use rand::RngExt as _;

use super::config::PhantomConfig;
use super::random;

/// Quantiles of the positive fraction over the subjects of UNS (every third of 37).
const FRACTIONS: [f64; 13] = [
    0.017, 0.150, 0.175, 0.233, 0.275, 0.333, 0.408, 0.458, 0.508, 0.575, 0.622, 0.808, 0.892,
];

/// Positive frames of each training subject, then of each test subject.
pub(super) fn positives_per_subject(config: &PhantomConfig) -> Vec<u32> {
    let mut rng = random::set_stream(config.seed);
    let test_subjects = config
        .test_frames
        .div_ceil(config.frames_per_test_subject());
    let mut counts = Vec::new();
    for (subjects, frames) in [
        (config.subjects, config.frames_per_subject),
        (test_subjects, config.frames_per_test_subject()),
    ] {
        let mut ranked = ranked_counts(subjects, frames, config.positive_fraction);
        // Fisher-Yates: which subject gets which rank
        for i in (1..ranked.len()).rev() {
            ranked.swap(i, rng.random_range(0..=i));
        }
        counts.append(&mut ranked);
    }
    counts
}

/// Counts by rising fraction; they spread like those of UNS and add up to the fraction asked for.
fn ranked_counts(subjects: u32, frames: u32, positive_fraction: f64) -> Vec<u32> {
    let quantiles: Vec<f64> = (0..subjects)
        .map(|rank| quantile((f64::from(rank) + 0.5) / f64::from(subjects)))
        .collect();
    let power = matching_power(&quantiles, positive_fraction);
    let mut expected = 0.0;
    let mut given = 0;
    quantiles
        .iter()
        .map(|fraction| {
            expected += fraction.powf(power) * f64::from(frames);
            let total = (expected + 0.5).floor() as u32;
            let count = (total - given).min(frames);
            given += count;
            count
        })
        .collect()
}

/// Linear interpolation between the known quantiles.
fn quantile(probability: f64) -> f64 {
    let position = probability * (FRACTIONS.len() - 1) as f64;
    let below = (position as usize).min(FRACTIONS.len() - 2);
    let weight = position - below as f64;
    FRACTIONS[below] + (FRACTIONS[below + 1] - FRACTIONS[below]) * weight
}

/// Power of the fractions that gives them the wanted mean; it keeps them in `[0, 1]`.
fn matching_power(fractions: &[f64], mean: f64) -> f64 {
    let mean_of =
        |power: f64| fractions.iter().map(|f| f.powf(power)).sum::<f64>() / fractions.len() as f64;
    let (mut low, mut high) = (0.0, 1000.0);
    for _ in 0..100 {
        let middle = 0.5 * (low + high);
        if mean_of(middle) > mean {
            low = middle;
        } else {
            high = middle;
        }
    }
    high
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plan(subjects: u32, frames_per_subject: u32, positive_fraction: f64) -> Vec<u32> {
        positives_per_subject(&PhantomConfig {
            subjects,
            frames_per_subject,
            positive_fraction,
            ..PhantomConfig::default()
        })
    }

    #[test]
    fn fractions_spread_like_those_of_uns() {
        let counts = plan(47, 120, 0.41);

        assert_eq!(counts.iter().sum::<u32>(), 2312); // 0.41 of 5640
        assert!(*counts.iter().min().unwrap() <= 12, "{counts:?}");
        assert!(*counts.iter().max().unwrap() >= 100, "{counts:?}");
    }

    #[test]
    fn few_frames_still_contain_both_kinds() {
        for (subjects, frames) in [(1, 4), (2, 3), (4, 5), (4, 2)] {
            let positive: u32 = plan(subjects, frames, 0.41).iter().sum();
            assert!(
                positive > 0 && positive < subjects * frames,
                "{subjects} {frames}"
            );
        }
    }

    #[test]
    fn extreme_fractions_are_reached() {
        assert_eq!(plan(3, 7, 0.0), [0, 0, 0]);
        assert_eq!(plan(3, 7, 1.0), [7, 7, 7]);
    }
}
