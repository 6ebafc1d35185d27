//! What one or more models say about an image, in one answer.

use image::GrayImage;
use nerveseg_data::ultrasound::{FrameFeatures, FrameLimits};

use crate::{Manifest, RawPrediction, Segmentation};

/// The answer for `image`, which is checked for being ultrasound. `said` is what the networks of these
/// manifests say about the inputs that their preprocessing made of it.
///
/// Each calibrates its probabilities and its presence itself; their means at the size of the image are
/// cut with the thresholds of the first.
///
/// # Panics
///
/// Panics if nobody said anything.
pub(crate) fn answer(said: &[(&Manifest, &RawPrediction)], image: &GrayImage) -> Segmentation {
    let size = [image.height() as usize, image.width() as usize];
    let mut opinions = said.iter().map(|(manifest, raw)| {
        let raw = raw.cut(manifest.preprocess.part(size));
        manifest.postprocess.opinion(&raw, size)
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
    let (first, _) = said[0];
    Segmentation {
        objection: FrameFeatures::measure(image).objection(image, &FrameLimits::default()),
        ..first.postprocess.cut(probabilities, presence)
    }
}
