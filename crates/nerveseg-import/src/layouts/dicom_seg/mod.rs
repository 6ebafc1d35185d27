//! DICOM images, and DICOM SEG objects that refer to their frames.

mod images;
mod nerve;
mod objects;
mod targets;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use nerveseg_data::Mask;

use self::images::{Image, Images};
use self::nerve::Nerve;
use self::objects::Object;
use super::shapes::name_of;
use super::{Found, Layout, Source};
use crate::item::{Item, Pixels};
use crate::walk::relative;
use crate::{ImportError, Result};

pub(super) const LAYOUT: Layout = Layout {
    name: "dicom-seg",
    title: "DICOM with DICOM SEG",
    recognises: objects::has_segmentation,
    read,
};

/// A frame of an image that a segmentation refers to.
#[derive(Debug)]
struct Labelled {
    image: Arc<Image>,
    object: Arc<Object>,
    /// Frames of the segmentation that are nerve.
    nerves: Vec<usize>,
}

/// Frames of images, by file and number.
type Frames = BTreeMap<(PathBuf, u32), Labelled>;

fn read(source: Source<'_>) -> Result<Found> {
    let (mut images, objects) = objects::read(source)?;
    let nerve = Nerve::choose(source, &objects)?;
    let mut frames = Frames::new();
    let mut others = 0;
    for object in objects {
        let nerves = nerve.segments(&object.content);
        if nerves.is_empty() {
            others += 1;
        } else {
            add(&mut frames, &mut images, Arc::new(object), &nerves)?;
        }
    }
    let mut found = Found {
        is_private: true,
        notes: notes(&images, &frames, others),
        ..Found::default()
    };
    let items = frames.into_iter();
    found.items = items
        .map(|((_, frame), it)| item(source.root, frame, it))
        .collect();
    found.note_frames();
    Ok(found)
}

/// Adds the frames that an object refers to.
fn add(
    frames: &mut Frames,
    images: &mut Images<'_>,
    object: Arc<Object>,
    nerves: &BTreeSet<u16>,
) -> Result<()> {
    let refuse = |reason| ImportError::malformed(&object.path, reason);
    for (index, (image, frame)) in targets::of(&object, images)?.into_iter().enumerate() {
        let key = (image.path.clone(), frame);
        let entry = frames.entry(key).or_insert_with(|| Labelled {
            image: Arc::clone(&image),
            object: Arc::clone(&object),
            nerves: Vec::new(),
        });
        let place = || format!("frame {frame} (from 0) of `{}`", image.path.display());
        if !Arc::ptr_eq(&entry.object, &object) {
            let other = entry.object.path.display();
            return Err(refuse(format!(
                "labels {}, as `{other}` does; which of them is right?",
                place()
            )));
        }
        let segment = |index: usize| object.content.frames[index].segment;
        if nerves.contains(&segment(index)) {
            if entry.nerves.iter().any(|&it| segment(it) == segment(index)) {
                return Err(refuse(format!("labels {} twice", place())));
            }
            entry.nerves.push(index);
        }
    }
    Ok(())
}

fn item(root: &Path, frame: u32, labelled: Labelled) -> Item {
    let Labelled {
        image,
        object,
        nerves,
    } = labelled;
    let (file, path) = (relative(root, &image.path), image.path.clone());
    let (source, pixels) = match image.frames {
        1 => (file, Pixels::File(path)),
        _ => (format!("{file}#{frame}"), Pixels::Frame { path, frame }),
    };
    Item {
        source,
        name: name_of(root, &image.path),
        subject: Some(image.patient.clone()),
        pixels,
        mask: Box::new(move |_, _| Ok(union(&object, &nerves))),
    }
}

/// The pixels in any of these frames of a segmentation.
fn union(object: &Object, frames: &[usize]) -> Mask {
    let [height, width] = object.content.size.map(|side| side as usize);
    let mut mask = Mask::default((height, width));
    for pixels in frames.iter().filter_map(|&it| object.content.mask(it)) {
        for (pixel, is_set) in mask.iter_mut().zip(pixels) {
            *pixel |= is_set;
        }
    }
    mask
}

/// What is left out.
fn notes(images: &Images<'_>, frames: &Frames, others: usize) -> Vec<String> {
    let files: BTreeMap<&Path, u32> = frames
        .values()
        .map(|it| (it.image.path.as_path(), it.image.frames))
        .collect();
    let all: usize = files.values().map(|&frames| frames as usize).sum();
    let left_out = [
        (
            images.len() - files.len(),
            "DICOM files without a segmentation are left out",
        ),
        (
            all - frames.len(),
            "frames that no segmentation refers to are left out",
        ),
        (
            others,
            "segmentations without the nerve's label are left out",
        ),
    ];
    let left_out = left_out.into_iter().filter(|&(count, _)| count > 0);
    left_out
        .map(|(count, what)| format!("{what}: {count}"))
        .collect()
}
