//! Which frame of which image each frame of a segmentation belongs to.

use std::collections::BTreeMap;
use std::sync::Arc;

use nerveseg_dicom::segmentation::{Segmentation, Source, SourceFrame};

use super::images::{Image, Images};
use super::objects::Object;
use crate::{ImportError, Result};

/// A frame of an image, from 0.
type Target = (Arc<Image>, u32);

/// The frames of images that the frames of an object belong to, in their order.
pub(super) fn of(object: &Object, images: &mut Images<'_>) -> Result<Vec<Target>> {
    let content = &object.content;
    let is_unsaid = content.frames.iter().all(|it| it.source == Source::Unsaid);
    let targets = if is_unsaid {
        in_order(content, images)
    } else {
        by_reference(content, images)
    };
    targets.map_err(|reason| ImportError::malformed(&object.path, reason))
}

fn by_reference(content: &Segmentation, images: &mut Images<'_>) -> Result<Vec<Target>, String> {
    let numbered = content.frames.iter().enumerate();
    numbered
        .map(|(number, frame)| match &frame.source {
            Source::One(source) => target(source, images),
            Source::Several => Err(format!(
                "frame {number} (from 0) refers to several images or frames, expected one"
            )),
            Source::Unsaid => Err(format!(
                "frame {number} (from 0) refers to no image, though others do"
            )),
        })
        .collect()
}

fn target(source: &SourceFrame, images: &mut Images<'_>) -> Result<Target, String> {
    let image = images.find(&source.instance)?;
    let (path, frames) = (image.path.display(), image.frames);
    match source.frame {
        None if frames == 1 => Ok((image, 0)),
        None => Err(format!(
            "refers to `{path}`, but not to one of its {frames} frames"
        )),
        Some(frame) if frame < frames => Ok((image, frame)),
        Some(frame) => Err(format!(
            "refers to frame {frame} (from 0) of `{path}`, which has {frames}"
        )),
    }
}

/// Without references the frames of each segment are those of the one image, in order.
fn in_order(content: &Segmentation, images: &mut Images<'_>) -> Result<Vec<Target>, String> {
    let instance = match &content.source {
        Source::One(source) => Some(source.instance.clone()),
        Source::Unsaid => images.only(),
        Source::Several => None,
    };
    let instance = instance.ok_or("does not say which image its frames belong to")?;
    let image = images.find(&instance)?;
    let mut seen = BTreeMap::<u16, u32>::new();
    let mut targets = Vec::new();
    for frame in &content.frames {
        let count = seen.entry(frame.segment).or_default();
        targets.push((Arc::clone(&image), *count));
        *count += 1;
    }
    match seen.into_iter().find(|&(_, count)| count != image.frames) {
        None => Ok(targets),
        Some((segment, count)) => Err(format!(
            "has {count} frames of segment {segment} without references, but `{}` has {}",
            image.path.display(),
            image.frames
        )),
    }
}
