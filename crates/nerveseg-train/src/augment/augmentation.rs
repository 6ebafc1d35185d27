//! What every augmentation has in common.

use std::borrow::Cow;

use ndarray::Array2;
use rand::{Rng, RngExt as _};

use super::placement::Placement;
use crate::number::Number;
use crate::sample::Sample;

/// One augmentation: a few settings and what they do to a case.
///
/// It takes part in one place and leaves the others as they are. A setting of 0 changes nothing.
/// Numbers are drawn whatever is switched on, so that one switch changes one thing; but one that
/// is new draws none while it is off, so that what older seeds drew stays as it was.
pub(crate) trait Augmentation: Default {
    /// Everything switched off.
    fn none() -> Self;

    /// Its settings and what they may be.
    fn numbers(&self) -> Vec<Number>;

    /// Changes what the case shows, with tissue of all `samples`.
    fn compose(&self, _case: &mut Composed<'_>, _samples: &[Sample], _rng: &mut impl Rng) {}

    /// Moves the case, whose nerve is `target`.
    fn place(&self, _placement: &mut Placement, _target: &Array2<u8>, _rng: &mut impl Rng) {}

    /// Changes the image's brightness, which stays in `[0, 1]`.
    fn shade(&self, _image: &mut Array2<f32>, _rng: &mut impl Rng) {}
}

/// A case whose content may have been changed.
#[derive(Clone, Debug)]
pub(crate) struct Composed<'a> {
    /// The case.
    pub(crate) sample: Cow<'a, Sample>,
    /// What its mask counts in the loss.
    pub(crate) weight: f32,
}

impl Composed<'_> {
    /// Takes what was made of the case, if anything was.
    pub(super) fn replace(&mut self, made: Option<Sample>) {
        if let Some(sample) = made {
            self.sample = Cow::Owned(sample);
        }
    }
}

/// Uniform in `± reach`.
pub(super) fn symmetric(reach: f64, rng: &mut impl Rng) -> f32 {
    ((rng.random::<f64>() * 2.0 - 1.0) * reach) as f32
}
