//! Tissue of one frame grafted into another: empty frames where there are none, and new ones with
//! a nerve (after cut-paste, Dwibedi et al., 2017, arXiv:1708.01642).
//!
//! UNS shows few empty frames to those who have only its positive ones. A frame whose nerve is
//! covered with other tissue is empty. So that a graft itself gives nothing away, nerves are
//! grafted in the same place, and tissue in other places.

use std::borrow::Cow;

use ndarray::Array2;
use rand::{Rng, RngExt as _};

use crate::config::AugmentConfig;
use crate::data::sample::Sample;

/// Donors that are looked at before a graft is given up.
const TRIES: usize = 12;

/// Share of the radius over which a graft fades into its surroundings.
const FADE: f32 = 0.3;

/// An upright ellipse, in pixels.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Region {
    row: f32,
    column: f32,
    height: f32,
    width: f32,
}

/// `samples[case]`, perhaps with something grafted in, as `config` has it.
pub(crate) fn graft<'a>(
    samples: &'a [Sample],
    case: usize,
    config: &AugmentConfig,
    rng: &mut impl Rng,
) -> Cow<'a, Sample> {
    let mut sample = Cow::Borrowed(&samples[case]);
    let [vacate, transplant, decoy] = [(); 3].map(|()| rng.random::<f64>());
    if let Some(nerve) = nerve(&sample.target) {
        let grafted = if vacate < config.vacate {
            cover(&sample, nerve, samples, rng)
        } else if transplant < config.transplant {
            exchange(&sample, nerve, samples, rng)
        } else {
            None
        };
        sample = grafted.map_or(sample, Cow::Owned);
    }
    if decoy < config.decoy {
        let size = rng.random_range(0.1..0.3_f32);
        let (height, width) = sample.target.dim();
        let region = Region {
            row: rng.random_range(0.0..height as f32),
            column: rng.random_range(0.0..width as f32),
            height: size * height as f32,
            width: size * width as f32,
        };
        if !region.touches(&sample.target, [0.0; 2]) {
            let grafted = cover(&sample, region, samples, rng);
            sample = grafted.map_or(sample, Cow::Owned);
        }
    }
    sample
}

/// `host` with nerve-free tissue over `region`, from itself half of the time.
fn cover(host: &Sample, region: Region, samples: &[Sample], rng: &mut impl Rng) -> Option<Sample> {
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
        let fits = region.moved(from).is_inside([height, width])
            && !region.touches(&donor.target, from)
            && (!std::ptr::eq(donor, host) || !region.moved(from).meets(&region));
        fits.then(|| region.paste(host, donor, from))
    })
}

/// `host` with another frame's nerve in the place of its own.
fn exchange(host: &Sample, own: Region, samples: &[Sample], rng: &mut impl Rng) -> Option<Sample> {
    let (height, width) = host.target.dim();
    (0..TRIES).find_map(|_| {
        let donor = &samples[rng.random_range(0..samples.len())];
        let other = nerve(&donor.target)?;
        let region = Region {
            height: own.height.max(other.height),
            width: own.width.max(other.width),
            ..own
        };
        let from = [other.row - own.row, other.column - own.column];
        let fits = region.moved(from).is_inside([height, width]);
        fits.then(|| region.paste(host, donor, from))
    })
}

/// An ellipse about all pixels of the nerve.
fn nerve(target: &Array2<u8>) -> Option<Region> {
    let inside = target.indexed_iter().filter(|(_, t)| **t >= 128);
    let (mut top, mut left, mut bottom, mut right) = (usize::MAX, usize::MAX, 0, 0);
    for ((row, column), _) in inside {
        (top, bottom) = (top.min(row), bottom.max(row));
        (left, right) = (left.min(column), right.max(column));
    }
    if top == usize::MAX {
        return None;
    }
    let middle = |a: usize, b: usize| (a + b) as f32 / 2.0;
    // the ellipse through a box's corners is √2 as long as the box; a nerve seldom fills corners
    let reach = |a: usize, b: usize| (b - a + 1) as f32 / 2.0 * 1.25 + 2.0;
    Some(Region {
        row: middle(top, bottom),
        column: middle(left, right),
        height: reach(top, bottom),
        width: reach(left, right),
    })
}

impl Region {
    fn moved(self, [rows, columns]: [f32; 2]) -> Self {
        Self {
            row: self.row + rows,
            column: self.column + columns,
            ..self
        }
    }

    /// 1 inside, 0 beyond the fading edge.
    fn weight(&self, row: f32, column: f32) -> f32 {
        let y = (row - self.row) / self.height;
        let x = (column - self.column) / self.width;
        ((1.0 + FADE - y.hypot(x)) / FADE).clamp(0.0, 1.0)
    }

    /// Rows and columns that it may weigh, clipped to an image of `[height, width]`.
    fn span(&self, [height, width]: [usize; 2]) -> [std::ops::Range<usize>; 2] {
        let clip = |middle: f32, reach: f32, size: usize| {
            let reach = reach * (1.0 + FADE);
            let first = (middle - reach).floor().clamp(0.0, size as f32) as usize;
            let last = (middle + reach).ceil().clamp(0.0, size as f32) as usize;
            first..last
        };
        [
            clip(self.row, self.height, height),
            clip(self.column, self.width, width),
        ]
    }

    /// Whether its middle half lies in the image; the border is repeated beyond it.
    fn is_inside(&self, [height, width]: [usize; 2]) -> bool {
        let inside = |middle: f32, reach: f32, size: usize| {
            middle - reach / 2.0 >= 0.0 && middle + reach / 2.0 < size as f32
        };
        inside(self.row, self.height, height) && inside(self.column, self.width, width)
    }

    /// Whether two ellipses may overlap.
    fn meets(&self, other: &Self) -> bool {
        (self.row - other.row).abs() < (self.height + other.height) * (1.0 + FADE)
            && (self.column - other.column).abs() < (self.width + other.width) * (1.0 + FADE)
    }

    /// Whether there is nerve where it lies after a move by `by`.
    fn touches(&self, target: &Array2<u8>, by: [f32; 2]) -> bool {
        let (height, width) = target.dim();
        let region = self.moved(by);
        let [rows, columns] = region.span([height, width]);
        rows.into_iter().any(|row| {
            columns.clone().any(|column| {
                target[[row, column]] > 0 && region.weight(row as f32, column as f32) > 0.0
            })
        })
    }

    /// `host` with what `donor` shows at this region moved by `from`, as bright as the host is
    /// there, and with the donor's target.
    fn paste(&self, host: &Sample, donor: &Sample, from: [f32; 2]) -> Sample {
        let mut grafted = host.clone();
        let (height, width) = host.image.dim();
        let shift = from.map(|by| by.round() as isize);
        let source = |row: usize, column: usize| {
            let clamp = |at: usize, by: isize, size: usize| {
                (at as isize + by).clamp(0, size as isize - 1) as usize
            };
            [clamp(row, shift[0], height), clamp(column, shift[1], width)]
        };
        let [rows, columns] = self.span([height, width]);
        let pixels: Vec<([usize; 2], f32)> = rows
            .flat_map(|row| columns.clone().map(move |column| [row, column]))
            .map(|[row, column]| ([row, column], self.weight(row as f32, column as f32)))
            .filter(|(_, weight)| *weight > 0.0)
            .collect();
        // the fading rim is what both have in common
        let (mut ours, mut theirs) = (1.0_f32, 1.0_f32);
        for &([row, column], weight) in &pixels {
            if weight < 1.0 {
                ours += f32::from(host.image[[row, column]]);
                theirs += f32::from(donor.image[source(row, column)]);
            }
        }
        let gain = (ours / theirs).clamp(0.5, 2.0);
        for ([row, column], weight) in pixels {
            let from = source(row, column);
            let at = [row, column];
            let mix = |own: u8, other: f32| {
                ((1.0 - weight) * f32::from(own) + weight * other.min(255.0)).round() as u8
            };
            grafted.image[at] = mix(host.image[at], gain * f32::from(donor.image[from]));
            grafted.target[at] = mix(host.target[at], f32::from(donor.target[from]));
        }
        grafted.present = grafted.target.iter().any(|&t| t >= 128);
        grafted
    }
}

#[cfg(test)]
mod tests {
    use rand::SeedableRng as _;
    use rand_chacha::ChaCha8Rng;

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

    fn grafts(config: &AugmentConfig) -> Vec<Sample> {
        let samples = samples();
        let mut rng = ChaCha8Rng::seed_from_u64(4);
        (0..60)
            .map(|n| graft(&samples, n % samples.len(), config, &mut rng).into_owned())
            .collect()
    }

    #[test]
    fn nothing_asked_for_changes_nothing() {
        let samples = samples();
        let mut rng = ChaCha8Rng::seed_from_u64(4);

        let same = graft(&samples, 2, &AugmentConfig::none(), &mut rng);

        assert!(matches!(same, Cow::Borrowed(_)));
    }

    #[test]
    fn a_vacated_frame_has_neither_target_nor_nerve() {
        let config = AugmentConfig {
            vacate: 1.0,
            ..AugmentConfig::none()
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
        let config = AugmentConfig {
            transplant: 1.0,
            ..AugmentConfig::none()
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
        let config = AugmentConfig {
            decoy: 1.0,
            ..AugmentConfig::none()
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
