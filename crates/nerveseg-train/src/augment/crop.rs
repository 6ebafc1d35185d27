//! A part of the frame, of any aspect: what another machine, set to another depth, would show.

use ndarray::Array2;
use rand::{Rng, RngExt as _};

use super::augmentation::Augmentation;
use super::placement::Placement;
use super::view::View;
use crate::number::Number;

/// Height and width of a crop, as shares of the frame's, each drawn for itself.
const SIDES: std::ops::Range<f32> = 0.55..1.0;

/// How often a crop is to hold the nerve; else it lies beside it and is an empty frame.
const WITH_NERVE: f64 = 0.75;

/// How often only a part of the frame is shown.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Crops {
    /// Probability that a part of the frame, with its nerve or beside it, takes its place: as large
    /// as it fits in with its own aspect, amid its mean grey.
    pub crop: f64,
}

impl Augmentation for Crops {
    fn none() -> Self {
        Self::default()
    }

    fn numbers(&self) -> Vec<Number> {
        vec![("crop", self.crop, 0.0..=1.0)]
    }

    fn place(&self, placement: &mut Placement, target: &Array2<u8>, rng: &mut impl Rng) {
        if self.crop == 0.0 || rng.random::<f64>() >= self.crop {
            return;
        }
        let with_nerve = rng.random::<f64>() < WITH_NERVE;
        let sides = [rng.random_range(SIDES), rng.random_range(SIDES)];
        if let Some(crop) = View::find(target, sides, with_nerve, rng) {
            placement.zoom /= sides[0].max(sides[1]);
            placement.offset = crop.offset;
            placement.shown = Some(crop);
        }
    }
}

#[cfg(test)]
mod tests {
    use ndarray::Array2;

    use super::super::testing::{only, rng, sample};
    use crate::sample::{Sample, unit};

    #[test]
    fn a_crop_is_enlarged_to_one_side_of_the_frame_amid_one_grey() {
        let corner = |r: usize, c: usize| if r < 6 && c < 9 { 255 } else { 0 };
        let whole = Sample {
            target: Array2::from_shape_fn((31, 45), |(r, c)| corner(r, c)),
            ..sample()
        };
        let config = only("crop = 1.0");
        let drawn = (0..40).map(|seed| config.vary(&whole, &mut rng(seed)));

        let crops: Vec<_> = drawn
            .filter(|(image, _)| *image != unit(&whole.image))
            .collect();

        let (mut with, mut beside, mut padded) = (0, 0, 0);
        for (image, target) in &crops {
            let corner = image[[0, 0]];
            padded += usize::from(
                image
                    .iter()
                    .filter(|&&v| v.total_cmp(&corner).is_eq())
                    .count()
                    >= 30,
            );
            // but for the rounding of bilinear weights
            assert!(
                image
                    .iter()
                    .chain(target)
                    .all(|v| (0.0..1.0001).contains(v))
            );
            match target.sum() {
                0.0..5.0 => beside += 1,
                _ => with += 1,
            }
        }
        // sides that are nearly equal leave no room
        assert!(
            padded * 2 > crops.len(),
            "{padded} of {} are padded",
            crops.len()
        );
        assert!(with >= 5 && beside >= 5, "{with} with, {beside} beside");
    }
}
