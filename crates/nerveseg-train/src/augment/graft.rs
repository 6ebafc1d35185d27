//! Tissue of one frame grafted into another: empty frames where there are none, and new ones with
//! a nerve (after cut-paste, Dwibedi et al., 2017, arXiv:1708.01642).
//!
//! UNS shows few empty frames to those who have only its positive ones. A frame whose nerve is
//! covered with other tissue is empty. So that a graft itself gives nothing away, nerves are
//! grafted in the same place, and tissue in other places.

use ndarray::Array2;
use rand::{Rng, RngExt as _};

use super::augmentation::{Augmentation, Composed};
use super::ellipse::Ellipse;
use crate::number::Number;
use crate::sample::Sample;

/// Donors that are looked at before a graft is given up.
const TRIES: usize = 12;

/// How often tissue is grafted.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Grafts {
    /// Probability that tissue of another frame, without a nerve, is grafted over the nerve: an
    /// empty frame.
    pub vacate: f64,
    /// What the mask of such a frame counts in the loss, beside 1 for every other; its presence
    /// counts in any case.
    pub vacate_weight: f64,
    /// Probability that the nerve of another frame is grafted in its place.
    pub transplant: f64,
    /// Probability that tissue of another frame is grafted elsewhere, so that a graft is no sign
    /// of an empty frame.
    pub decoy: f64,
}

impl Augmentation for Grafts {
    fn none() -> Self {
        Self::default()
    }

    fn numbers(&self) -> Vec<Number> {
        vec![
            ("vacate", self.vacate, 0.0..=1.0),
            ("vacate_weight", self.vacate_weight, 0.0..=1.0),
            ("transplant", self.transplant, 0.0..=1.0),
            ("decoy", self.decoy, 0.0..=1.0),
        ]
    }

    fn compose(&self, case: &mut Composed<'_>, samples: &[Sample], rng: &mut impl Rng) {
        let was_present = case.sample.present;
        let [vacate, transplant, decoy] = [(); 3].map(|()| rng.random::<f64>());
        if let Some(nerve) = Ellipse::about_nerve(&case.sample.target) {
            let grafted = if vacate < self.vacate {
                cover(&case.sample, nerve, samples, rng)
            } else if transplant < self.transplant {
                exchange(&case.sample, nerve, samples, rng)
            } else {
                None
            };
            case.replace(grafted);
        }
        if decoy < self.decoy {
            let elsewhere = anywhere(&case.sample.target, rng);
            if !elsewhere.touches(&case.sample.target, [0.0; 2]) {
                let grafted = cover(&case.sample, elsewhere, samples, rng);
                case.replace(grafted);
            }
        }
        if was_present && !case.sample.present {
            case.weight = self.vacate_weight as f32;
        }
    }
}

/// An ellipse of a tenth to three tenths of the frame, wherever it may fall.
fn anywhere(target: &Array2<u8>, rng: &mut impl Rng) -> Ellipse {
    let size = rng.random_range(0.1..0.3_f32);
    let (height, width) = target.dim();
    Ellipse {
        row: rng.random_range(0.0..height as f32),
        column: rng.random_range(0.0..width as f32),
        height: size * height as f32,
        width: size * width as f32,
    }
}

/// `host` with nerve-free tissue over `place`, from itself half of the time.
fn cover(host: &Sample, place: Ellipse, samples: &[Sample], rng: &mut impl Rng) -> Option<Sample> {
    let (height, width) = host.target.dim();
    (0..TRIES).find_map(|_| {
        let donor = if rng.random::<bool>() {
            host
        } else {
            &samples[rng.random_range(0..samples.len())]
        };
        // tissue changes with depth more than from side to side
        let from = [
            rng.random_range(-0.15..0.15) * height as f32,
            rng.random_range(-0.6..0.6) * width as f32,
        ];
        let fits = place.moved(from).is_inside([height, width])
            && !place.touches(&donor.target, from)
            && (!std::ptr::eq(donor, host) || !place.moved(from).meets(&place));
        fits.then(|| place.paste(host, donor, from))
    })
}

/// `host` with another frame's nerve in the place of its own.
fn exchange(host: &Sample, own: Ellipse, samples: &[Sample], rng: &mut impl Rng) -> Option<Sample> {
    let (height, width) = host.target.dim();
    (0..TRIES).find_map(|_| {
        let donor = &samples[rng.random_range(0..samples.len())];
        let other = Ellipse::about_nerve(&donor.target)?;
        let region = Ellipse {
            height: own.height.max(other.height),
            width: own.width.max(other.width),
            ..own
        };
        let from = [other.row - own.row, other.column - own.column];
        let fits = region.moved(from).is_inside([height, width]);
        fits.then(|| region.paste(host, donor, from))
    })
}

#[cfg(test)]
mod tests {
    use std::borrow::Cow;

    use super::super::testing::rng;
    use super::*;

    /// Frames of nearly one brightness each, with an oval nerve here and there.
    fn samples() -> Vec<Sample> {
        let sample = |n: u32| {
            let middle = (20.0 + n as f32, 40.0 + 3.0 * n as f32);
            let inside = |(r, c): (usize, usize)| {
                ((r as f32 - middle.0) / 6.0).hypot((c as f32 - middle.1) / 9.0) < 1.0
            };
            Sample {
                case_id: format!("1_{n}").parse().unwrap(),
                image: Array2::from_shape_fn((64, 96), |at| {
                    60 + 10 * n as u8 + (at.1 % 5) as u8 + if inside(at) { 80 } else { 0 }
                }),
                target: Array2::from_shape_fn((64, 96), |at| if inside(at) { 255 } else { 0 }),
                present: true,
            }
        };
        (1..=6).map(sample).collect()
    }

    /// `samples[case]` with what `config` grafts into it.
    fn graft<'a>(
        samples: &'a [Sample],
        case: usize,
        config: &Grafts,
        rng: &mut impl Rng,
    ) -> Composed<'a> {
        let mut composed = Composed {
            sample: Cow::Borrowed(&samples[case]),
            weight: 1.0,
        };
        config.compose(&mut composed, samples, rng);
        composed
    }

    fn grafts(config: &Grafts) -> Vec<Sample> {
        let (samples, mut rng) = (samples(), rng(4));
        (0..60)
            .map(|n| graft(&samples, n % samples.len(), config, &mut rng))
            .map(|composed| composed.sample.into_owned())
            .collect()
    }

    #[test]
    fn nothing_asked_for_changes_nothing() {
        let samples = samples();

        let same = graft(&samples, 2, &Grafts::none(), &mut rng(4));

        assert!(matches!(same.sample, Cow::Borrowed(_)));
    }

    #[test]
    fn the_mask_of_a_vacated_frame_counts_what_it_is_given() {
        let (samples, mut rng) = (samples(), rng(4));
        let config = Grafts {
            vacate: 1.0,
            vacate_weight: 0.25,
            ..Grafts::none()
        };

        for n in 0..60 {
            let Composed { sample, weight } = graft(&samples, n % 6, &config, &mut rng);
            let expected = if sample.present { 1.0 } else { 0.25 };
            assert!((weight - expected).abs() < f32::EPSILON);
        }
    }

    #[test]
    fn a_vacated_frame_has_neither_target_nor_nerve() {
        let config = Grafts {
            vacate: 1.0,
            ..Grafts::none()
        };

        let (empty, kept): (Vec<_>, Vec<_>) = grafts(&config).into_iter().partition(|s| !s.present);

        assert!(empty.len() > 50, "{} of 60", empty.len());
        for sample in &empty {
            assert!(sample.target.iter().all(|&t| t == 0));
            // every frame is flat but for its nerve, and the graft is matched to its surroundings
            let (low, high) = (sample.image.iter().min(), sample.image.iter().max());
            assert!(high.unwrap() - low.unwrap() < 25, "{low:?} to {high:?}");
        }
        assert!(kept.iter().all(|s| s.target.iter().any(|&t| t == 255)));
    }

    #[test]
    fn a_transplanted_nerve_is_where_the_target_says() {
        let config = Grafts {
            transplant: 1.0,
            ..Grafts::none()
        };

        for sample in grafts(&config) {
            assert!(sample.present);
            let background = sample.image[[0, 0]];
            for (at, &target) in sample.target.indexed_iter() {
                let bright = sample.image[at] > background + 40;
                assert_eq!(bright, target >= 128, "{at:?} of {}", sample.case_id);
            }
        }
    }

    #[test]
    fn a_decoy_leaves_the_target_alone() {
        let config = Grafts {
            decoy: 1.0,
            ..Grafts::none()
        };
        let samples = samples();

        let mut changed = 0;
        for (n, sample) in grafts(&config).iter().enumerate() {
            let before = &samples[n % samples.len()];
            assert_eq!(sample.target, before.target);
            changed += usize::from(sample.image != before.image);
        }
        assert!(changed > 5, "{changed} of 60");
    }
}
