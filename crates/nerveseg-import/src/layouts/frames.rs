//! Images and masks that are pictures, of one frame or of as many.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use nerveseg_data::{Labels, Mask, Reader};
use rayon::prelude::*;

use super::{Found, Source};
use crate::item::{Item, Pixels};
use crate::walk::relative;
use crate::{ImportError, Result};

/// What people should know of frames that become pictures.
pub(super) const NOTE: &str = "frames of files that have several are written as PNG of 8-bit grey, \
                               without the size of their pixels";

/// An image with its mask.
#[derive(Debug)]
pub(super) struct Pictures {
    /// What subjects are told from.
    pub(super) name: String,
    pub(super) image: PathBuf,
    pub(super) mask: PathBuf,
}

/// Takes the nerve from the labels of a frame; the path is for messages.
type Take = dyn Fn(&Labels, &Path) -> Result<Mask> + Send + Sync;

/// One item for each frame of each image. With `is_binary`, a mask holds the nerve alone.
pub(super) fn read(
    source: Source<'_>,
    cases: Vec<Pictures>,
    is_binary: bool,
    take: impl Fn(&Labels, &Path) -> Result<Mask> + Send + Sync + 'static,
) -> Result<Found> {
    let take: Arc<Take> = Arc::new(take);
    let items: Result<Vec<Vec<Item>>> = cases
        .into_par_iter()
        .map(|case| items(source, case, is_binary, &take))
        .collect();
    let mut found = Found {
        items: items?.into_iter().flatten().collect(),
        ..Found::default()
    };
    found.note_frames();
    Ok(found)
}

impl Found {
    /// Says what becomes of frames, if there are any.
    pub(super) fn note_frames(&mut self) {
        let is_frame = |item: &Item| matches!(item.pixels, Pixels::Frame { .. });
        if self.items.iter().any(is_frame) {
            self.notes.push(NOTE.to_owned());
        }
    }
}

fn items(
    source: Source<'_>,
    case: Pictures,
    is_binary: bool,
    take: &Arc<Take>,
) -> Result<Vec<Item>> {
    let Pictures { name, image, mask } = case;
    let frames = source.reader.count_frames(&image)?;
    if frames > 1 {
        let masks = source.reader.count_frames(&mask)?;
        if masks != frames {
            let reason = format!(
                "has {frames} frames, but its mask `{}` has {masks}; expected one mask for each",
                mask.display()
            );
            return Err(ImportError::malformed(&image, reason));
        }
        if is_binary {
            check_values(source.reader, &mask, frames)?;
        }
    }
    let item = |frame: u32| {
        let (take, mask) = (Arc::clone(take), mask.clone());
        let file = relative(source.root, &image);
        let path = image.clone();
        let is_one = frames == 1;
        Item {
            source: match is_one {
                true => file,
                false => format!("{file}#{frame}"),
            },
            name: name.clone(),
            subject: None,
            pixels: match is_one {
                true => Pixels::File(path),
                false => Pixels::Frame { path, frame },
            },
            mask: Box::new(move |reader: &Reader, _| {
                let labels = match is_one {
                    true => reader.read_labels(&mask)?,
                    false => reader.read_labels_at(&mask, frame)?,
                };
                take(&labels, &mask)
            }),
        }
    };
    Ok((0..frames).map(item).collect())
}

/// Refuses a mask whose pages have two values each, but not all the same two: which is the nerve?
fn check_values(reader: &Reader, path: &Path, frames: u32) -> Result<()> {
    let mut first = None;
    for frame in 0..frames {
        let (mask, values) = reader.read_labels_at(path, frame)?.mask(path)?;
        if !mask.iter().any(|&is_nerve| is_nerve) {
            continue;
        }
        let first = *first.get_or_insert(values);
        if values != first {
            let reason = format!(
                "holds {first} on one page, and {values} on page {frame}, counted from 0; which of \
                 them is the nerve? (`--label-value N`)"
            );
            return Err(ImportError::malformed(path, reason));
        }
    }
    Ok(())
}
