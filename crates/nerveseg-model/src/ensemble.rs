//! What one or more models say about an image, in one answer.

use image::GrayImage;
use nerveseg_data::ultrasound::{FrameFeatures, FrameLimits};

use crate::{Postprocess, Preprocess, RawPrediction, Segmentation};

/// What a network says about the input that its preprocessing made of an image, and what comes after.
pub(crate) struct Said<'a> {
    pub(crate) raw: &'a RawPrediction,
    pub(crate) preprocess: &'a Preprocess,
    pub(crate) postprocess: &'a Postprocess,
}

impl Postprocess {
    /// As [`apply`](Self::apply) at the size of `image`, which is checked for being ultrasound, from
    /// what the network says about the input that `preprocess` made of it.
    pub fn apply_to(
        &self,
        raw: &RawPrediction,
        image: &GrayImage,
        preprocess: &Preprocess,
    ) -> Segmentation {
        let said = Said {
            raw,
            preprocess,
            postprocess: self,
        };
        answer(&[said], image)
    }
}

/// The answer for `image`, which is checked for being ultrasound.
///
/// Each calibrates its probabilities and its presence itself; their means at the size of the image are
/// cut with the thresholds of the first.
///
/// # Panics
///
/// Panics if nobody said anything.
pub(crate) fn answer(said: &[Said<'_>], image: &GrayImage) -> Segmentation {
    let size = [image.height() as usize, image.width() as usize];
    let mut opinions = said.iter().map(|said| {
        let raw = said.raw.cut(said.preprocess.part(size));
        said.postprocess.opinion(&raw, size)
    });
    let (mut probabilities, mut presence) = opinions.next().expect("somebody said something");
    for (more, score) in opinions {
        probabilities += &more;
        presence += score;
    }
    if said.len() > 1 {
        let count = said.len() as f32;
        probabilities /= count;
        presence /= count;
    }
    Segmentation {
        objection: FrameFeatures::measure(image).objection(image, &FrameLimits::default()),
        ..said[0].postprocess.cut(probabilities, presence)
    }
}
