//! Calibration and thresholds of a trained model, from cases it was not trained on.

mod logistic;
mod presence_fit;

use std::collections::BTreeMap;

use ndarray::Array2;
use nerveseg_data::{CaseEntry, Sites};
use nerveseg_metrics::Counts;
use nerveseg_model::{Postprocess, Preprocess, RawPrediction, Segmenter};
use rand::SeedableRng as _;
use rand_chacha::ChaCha8Rng;
use rayon::prelude::*;
use serde::Serialize;

use crate::augment::{AugmentConfig, Windows};
use crate::calibrate::presence_fit::{PresenceFit, Witness};
use crate::error::{Result, TrainError};
use crate::sample::{Sample, shows_nerve, unit};

pub use presence_fit::TradeOff;

/// Every how many-th pixel takes part in fitting the temperature: neighbours say the same.
const PIXEL_STEP: usize = 7;

/// Windows of each frame with a nerve; few lie beside it.
const WINDOWS: u64 = 8;

/// From so many empty frames on, windows are not needed: what is beside a nerve is easily told from
/// it and drowns the empty frames that are not.
const ENOUGH_EMPTIES: usize = 24;

/// Thresholds of the mask that are tried, in steps of 0.05. The threshold that is best for Dice is
/// half of the Dice that can be reached (Lipton et al., 2014, arXiv:1402.1892), so what lies outside
/// would fit noise.
const THRESHOLDS: std::ops::RangeInclusive<i32> = 6..=12;

/// What to aim at.
#[derive(Clone, Debug)]
pub struct CalibrationOptions {
    /// Share of frames with a nerve that must keep their mask.
    pub sensitivity: f64,
    /// Share of frames with a nerve that are called so for sure.
    pub sure: f64,
    /// Seed of the windows.
    pub seed: u64,
    /// Where the subjects come from: sites count alike, and so do the people of each.
    pub sites: Sites,
}

impl Default for CalibrationOptions {
    fn default() -> Self {
        Self {
            sensitivity: 0.9,
            sure: 0.7,
            seed: 1,
            sites: Sites::default(),
        }
    }
}

/// The settings that fit the cases best, and how much they changed.
#[derive(Clone, Debug, Serialize)]
pub struct Calibration {
    /// The model's settings with everything replaced that was fitted.
    pub postprocess: Postprocess,
    /// Frames with a nerve.
    pub positives: usize,
    /// Empty frames: real ones, and windows beside the nerve of a frame with one.
    pub empties: usize,
    /// Mean negative log-likelihood of a pixel before.
    pub pixel_loss_before: f64,
    /// The same after.
    pub pixel_loss_after: f64,
    /// Mean Dice of the frames with a nerve, at the network's size and without the gate, by pixel threshold.
    pub dice_by_threshold: Vec<(f32, f64)>,
    /// What other thresholds would do.
    pub trade_offs: Vec<TradeOff>,
}

/// Fits temperature, pixel threshold and presence of `segmenter` to labelled cases.
///
/// Where empty frames are rare, every frame with a nerve lends windows with it and beside it. What
/// tells them apart is fitted to all of them, thresholds to the frames and to what is empty. All
/// subjects of a site count alike, whatever the number of their frames, and all sites.
///
/// # Errors
///
/// Fails without a frame that shows a nerve, on the first case that cannot be read, and if the
/// device fails.
pub fn calibrate(
    segmenter: &Segmenter,
    entries: &[CaseEntry],
    options: &CalibrationOptions,
) -> Result<Calibration> {
    let preprocess = &segmenter.manifest().preprocess;
    let load = |entry: &CaseEntry| Sample::new(&entry.load()?, preprocess);
    let samples: Vec<Sample> = entries.par_iter().map(load).collect::<Result<_>>()?;
    if !samples.iter().any(|sample| sample.present) {
        let hint = "calibration needs frames that show a nerve";
        return Err(TrainError::EmptyPart {
            part: "calibration",
            hint,
        });
    }
    let empty = samples.iter().filter(|sample| !sample.present).count();
    let samples = match empty >= ENOUGH_EMPTIES {
        true => samples,
        false => with_windows(samples, options.seed),
    };
    let raw = predict(segmenter, &samples, preprocess)?;
    let weights = weights(&samples, &options.sites);
    let base = &segmenter.manifest().postprocess;

    let real: Vec<(&RawPrediction, &Sample)> =
        raw.iter().zip(&samples).take(entries.len()).collect();
    let temperature = fit_temperature(&real);
    let witness = |case: usize| {
        let Sample { present, .. } = samples[case];
        Witness::new(&raw[case], present, case < entries.len(), weights[case])
    };
    let witnesses: Vec<Witness> = (0..samples.len()).map(witness).collect();
    let presence = PresenceFit::new(&witnesses, options.sensitivity);
    let presence_threshold = presence.reached_by(options.sensitivity);
    let mut postprocess = Postprocess {
        temperature,
        presence: presence.rule.clone(),
        presence_threshold,
        presence_sure: presence.reached_by(options.sure).max(presence_threshold),
        ..base.clone()
    };
    let dice_by_threshold: Vec<(f32, f64)> = THRESHOLDS
        .map(|step| 0.05 * step as f32)
        .map(|threshold| (threshold, dice_at(threshold, &real, &weights, &postprocess)))
        .collect();
    let best = dice_by_threshold.iter().max_by(|a, b| a.1.total_cmp(&b.1));
    postprocess.threshold = best.expect("several thresholds").0;
    Ok(Calibration {
        positives: real.iter().filter(|(_, s)| s.present).count(),
        empties: samples.iter().filter(|s| !s.present).count(),
        pixel_loss_before: pixel_loss(&real, 1.0),
        pixel_loss_after: pixel_loss(&real, temperature),
        dice_by_threshold,
        trade_offs: [0.98, 0.95, 0.93, 0.9, 0.85, 0.8, 0.7, 0.6, 0.5]
            .map(|sensitivity| presence.trade_off(sensitivity))
            .to_vec(),
        postprocess,
    })
}

/// `samples`, and after them windows of each that has a nerve.
fn with_windows(mut samples: Vec<Sample>, seed: u64) -> Vec<Sample> {
    let config = AugmentConfig {
        windows: Windows { window: 1.0 },
        ..AugmentConfig::none()
    };
    let quantise = |v: f32| (v * 255.0).round() as u8;
    let window = |(case, copy): (usize, u64)| {
        let sample = &samples[case];
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        rng.set_stream(case as u64 * WINDOWS + copy);
        let (image, target) = config.vary(sample, &mut rng);
        let window = Sample {
            case_id: sample.case_id,
            present: shows_nerve(&target),
            image: image.mapv(quantise),
            target: target.mapv(quantise),
        };
        (sample.present && window.image != sample.image).then_some(window)
    };
    let copies = (0..samples.len()).flat_map(|case| (0..WINDOWS).map(move |copy| (case, copy)));
    let mut windows: Vec<Sample> = copies
        .collect::<Vec<_>>()
        .into_par_iter()
        .filter_map(window)
        .collect();
    samples.append(&mut windows);
    samples
}

fn predict(
    segmenter: &Segmenter,
    samples: &[Sample],
    preprocess: &Preprocess,
) -> Result<Vec<RawPrediction>> {
    let input = |sample: &Sample| {
        let mut image: Array2<f32> = unit(&sample.image);
        preprocess.normalise(&mut image);
        image
    };
    let inputs: Vec<Array2<f32>> = samples.par_iter().map(input).collect();
    Ok(segmenter.predict(&inputs)?)
}

/// What each sample counts: people count alike, however many frames they have of a kind (with a
/// nerve or without), and so do sites, however many people. The mean person counts 1.
fn weights(samples: &[Sample], sites: &Sites) -> Vec<f64> {
    let site = |subject: u32| sites.index_of(subject);
    let mut frames: BTreeMap<(bool, Option<u32>), f64> = BTreeMap::new();
    for sample in samples {
        *frames
            .entry((sample.present, sample.case_id.subject_id))
            .or_default() += 1.0;
    }
    let mut people: BTreeMap<(bool, Option<usize>), f64> = BTreeMap::new();
    for &(present, subject) in frames.keys() {
        *people.entry((present, subject.map(site))).or_default() += 1.0;
    }
    let mean = |kind: bool| {
        let of_kind = people.iter().filter(|((present, _), _)| *present == kind);
        let counts: Vec<f64> = of_kind.map(|(_, &count)| count).collect();
        counts.iter().sum::<f64>() / counts.len() as f64
    };
    let means = [false, true].map(mean);
    let weight = |sample: &Sample| {
        let (present, subject) = (sample.present, sample.case_id.subject_id);
        let share = means[usize::from(present)] / people[&(present, subject.map(site))];
        share / frames[&(present, subject)]
    };
    samples.iter().map(weight).collect()
}

/// Mean negative log-likelihood of a pixel after `temperature`.
fn pixel_loss(cases: &[(&RawPrediction, &Sample)], temperature: f32) -> f64 {
    let scale = Postprocess {
        temperature,
        ..Postprocess::default()
    };
    let sums = cases.par_iter().map(|(raw, sample)| {
        let calibrated = scale.calibrated(raw.probabilities.view());
        let pixels = calibrated.iter().zip(&sample.target).step_by(PIXEL_STEP);
        pixels.fold((0.0, 0.0), |(sum, count), (&p, &target)| {
            let (p, t) = (
                f64::from(p).clamp(1e-6, 1.0 - 1e-6),
                f64::from(target) / 255.0,
            );
            (sum - t * p.ln() - (1.0 - t) * (1.0 - p).ln(), count + 1.0)
        })
    });
    let (sum, count) = in_order(sums);
    sum / f64::max(count, 1.0)
}

/// Sums pairs in their order, whoever is done first: equal data give equal bits.
fn in_order(pairs: impl ParallelIterator<Item = (f64, f64)>) -> (f64, f64) {
    let pairs: Vec<(f64, f64)> = pairs.collect();
    let add = |sum: (f64, f64), pair: (f64, f64)| (sum.0 + pair.0, sum.1 + pair.1);
    pairs.into_iter().fold((0.0, 0.0), add)
}

/// The temperature of the least loss, by golden section over its logarithm.
fn fit_temperature(cases: &[(&RawPrediction, &Sample)]) -> f32 {
    let loss = |log: f64| pixel_loss(cases, log.exp() as f32);
    let golden = (5.0_f64.sqrt() - 1.0) / 2.0;
    let (mut low, mut high) = (-1.5_f64, 1.5_f64);
    for _ in 0..16 {
        let (a, b) = (high - golden * (high - low), low + golden * (high - low));
        if loss(a) < loss(b) {
            high = b;
        } else {
            low = a;
        }
    }
    f64::midpoint(low, high).exp() as f32
}

/// Mean Dice of the frames with a nerve at one pixel threshold, the gate left open.
fn dice_at(
    threshold: f32,
    cases: &[(&RawPrediction, &Sample)],
    weights: &[f64],
    postprocess: &Postprocess,
) -> f64 {
    let postprocess = Postprocess {
        threshold,
        presence_threshold: 0.0,
        ..postprocess.clone()
    };
    let positives = cases
        .par_iter()
        .zip(weights)
        .filter(|((_, s), _)| s.present);
    let scored = positives.map(|((raw, sample), &weight)| {
        let size = raw.probabilities.dim().into();
        let mask = postprocess.apply(raw, size).mask;
        let real = sample.target.iter().map(|&target| target >= 128);
        let dice = Counts::of_pixels(mask.iter().copied().zip(real)).dice();
        (weight * dice.unwrap_or_default(), weight)
    });
    let (sum, weight) = in_order(scored);
    sum / weight
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn people_count_alike_and_so_do_sites() {
        let sample = |name: &str| Sample {
            case_id: name.parse().unwrap(),
            image: Array2::zeros((2, 2)),
            target: Array2::zeros((2, 2)),
            present: true,
        };
        // one site of one person, one of three, of whom one has two frames
        let samples = ["1_1", "11_1", "12_1", "13_1", "13_2"].map(sample);
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("sites.json");
        std::fs::write(&file, r#"{"a": [1], "b": [[11, 13]]}"#).unwrap();
        let sites = Sites::load(&file).unwrap();

        for (sites, expected) in [
            (sites, [2.0, 2.0 / 3.0, 2.0 / 3.0, 1.0 / 3.0, 1.0 / 3.0]),
            (Sites::default(), [1.0, 1.0, 1.0, 0.5, 0.5]),
        ] {
            let found = weights(&samples, &sites);
            for (found, expected) in found.iter().zip(expected) {
                assert!((found - expected).abs() < 1e-12, "{found}, not {expected}");
            }
        }
    }
}
