//! What the network says about one image.

use std::borrow::Cow;

use ndarray::{Array2, ArrayView2};
use nerveseg_kernels::{Plan, Size};

use crate::compile::failed;
use crate::{Part, PresenceEvidence, Result};

/// What the network says about one image, at the network's own size, before post-processing.
#[derive(Clone, Debug)]
pub struct RawPrediction {
    /// Probability of every pixel. Shape: `[height, width]` of the network.
    pub probabilities: Array2<f32>,
    /// What speaks for a nerve being there at all.
    pub evidence: PresenceEvidence,
}

impl RawPrediction {
    /// Runs a plan on `batch` images.
    pub(crate) fn of_plan(plan: &Plan, images: &[f32], batch: usize) -> Result<Vec<Self>> {
        let Size { height, width, .. } = plan.size();
        let mut probabilities = vec![0.0; batch * height * width];
        let mut presence = vec![0.0; batch];
        plan.run(images, &mut probabilities, &mut presence)
            .map_err(failed)?;
        let presence = plan.has_presence().then_some(presence);
        Ok(Self::of_maps(&probabilities, presence, (height, width)))
    }

    /// What it says about the part of its input that an image took up.
    pub(crate) fn cut(&self, part: Part) -> Cow<'_, Self> {
        if part.size == <[usize; 2]>::from(self.probabilities.dim()) {
            return Cow::Borrowed(self);
        }
        Cow::Owned(Self {
            probabilities: self.probabilities.slice(part.slice()).to_owned(),
            evidence: self.evidence,
        })
    }

    /// Cuts maps of `[batch, height, width]` and scores of `[batch]` apart.
    pub(crate) fn of_maps(
        probabilities: &[f32],
        presence: Option<Vec<f32>>,
        (height, width): (usize, usize),
    ) -> Vec<Self> {
        let maps = probabilities.chunks(height * width);
        let prediction = |(image, map): (usize, &[f32])| {
            let map = ArrayView2::from_shape((height, width), map).expect("one value a pixel");
            let head = presence.as_ref().map(|presence| presence[image]);
            Self {
                probabilities: map.to_owned(),
                evidence: PresenceEvidence::new(map, head),
            }
        };
        maps.enumerate().map(prediction).collect()
    }
}
