//! Grey values as those of another frame: its machine, its gain, its depth.

use ndarray::Array2;
use rand::{Rng, RngExt as _};

use super::augmentation::{Augmentation, Composed};
use crate::number::Number;
use crate::sample::Sample;

/// How often a frame takes over the grey values of another.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Styles {
    /// Probability that the histogram of a frame moves towards that of any other training frame, by
    /// a share that is drawn. So what a machine's greys look like says less of whether a nerve is
    /// there.
    pub style: f64,
}

impl Augmentation for Styles {
    fn none() -> Self {
        Self::default()
    }

    fn numbers(&self) -> Vec<Number> {
        vec![("style", self.style, 0.0..=1.0)]
    }

    fn compose(&self, case: &mut Composed<'_>, samples: &[Sample], rng: &mut impl Rng) {
        if self.style == 0.0 || rng.random::<f64>() >= self.style {
            return;
        }
        let other = &samples[rng.random_range(0..samples.len())];
        let share = rng.random::<f32>();
        let greys = matched(&case.sample.image, &other.image, share);
        let image = case.sample.image.mapv(|grey| greys[usize::from(grey)]);
        case.replace(Some(Sample {
            image,
            ..case.sample.as_ref().clone()
        }));
    }
}

/// What every grey value becomes where the histogram of `image` goes `share` of the way to that of
/// `other`: the values of equal rank are averaged.
fn matched(image: &Array2<u8>, other: &Array2<u8>, share: f32) -> [u8; 256] {
    let (from, to) = (ranks(image), ranks(other));
    let mut greys = [0; 256];
    let mut at = 0;
    for (grey, rank) in from.iter().enumerate() {
        while at < 255 && to[at] < *rank {
            at += 1;
        }
        let value = (1.0 - share) * grey as f32 + share * at as f32;
        greys[grey] = value.round() as u8;
    }
    greys
}

/// Share of the pixels that are no brighter than each grey value, the half of those that are equal.
fn ranks(image: &Array2<u8>) -> [f32; 256] {
    let mut counts = [0_u32; 256];
    for &grey in image {
        counts[usize::from(grey)] += 1;
    }
    let mut below = 0.0;
    counts.map(|count| {
        let share = count as f32 / image.len() as f32;
        below += share;
        below - share / 2.0
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_whole_match_takes_over_the_other_histogram_and_keeps_the_order() {
        let image = Array2::from_shape_fn((20, 20), |(r, c)| (r * 20 + c) as u8 / 2);
        let other = Array2::from_shape_fn((10, 30), |(r, c)| (200 - (r * 30 + c) / 8) as u8);

        let greys = matched(&image, &other, 1.0);
        let moved = image.mapv(|grey| greys[usize::from(grey)]);

        let mean = |image: &Array2<u8>| {
            image.iter().map(|&v| f32::from(v)).sum::<f32>() / image.len() as f32
        };
        assert!((mean(&moved) - mean(&other)).abs() < 2.0);
        assert!(greys.windows(2).all(|pair| pair[0] <= pair[1]));
        assert_eq!(matched(&image, &other, 0.0)[77], 77);
    }
}
