//! Images and masks as pictures: side by side, in folders of the same names, in a folder for each
//! patient.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use nerveseg_data::has_image_extension;

use super::frames::{self, Pictures};
use super::{Found, Layout, Source};
use crate::walk::{files, relative};
use crate::{ImportError, Result};

pub(super) const LAYOUT: Layout = Layout {
    name: "folders",
    title: "folders of images and masks",
    recognises: |root| pairs(root).is_ok_and(|pairs| pairs.values().any(Pair::is_whole)),
    read,
};

/// Folders that hold images only.
const IMAGES: [&str; 7] = [
    "image", "images", "img", "imgs", "frames", "input", "inputs",
];
/// Folders that hold masks only, and what names of masks end with.
const MASKS: [&str; 14] = [
    "mask",
    "masks",
    "label",
    "labels",
    "seg",
    "segs",
    "segmentation",
    "segmentations",
    "gt",
    "annotation",
    "annotations",
    "groundtruth",
    "ground_truth",
    "target",
];

/// What belongs to one image.
#[derive(Debug, Default)]
struct Pair {
    images: Vec<PathBuf>,
    masks: Vec<PathBuf>,
}

impl Pair {
    fn is_whole(&self) -> bool {
        !self.images.is_empty() && !self.masks.is_empty()
    }
}

fn read(source: Source<'_>) -> Result<Found> {
    let mut cases = Vec::new();
    let pairs = pairs(source.root)?;
    let lonely = |pick: fn(&Pair) -> bool| pairs.values().filter(|pair| pick(pair)).count();
    for (name, pair) in &pairs {
        let (image, mask) = match (&pair.images[..], &pair.masks[..]) {
            ([image], [mask]) => (image, mask),
            ([image], []) => {
                let others = lonely(|pair| pair.masks.is_empty()) - 1;
                let reason = format!("has no mask ({others} more have none)");
                return Err(ImportError::malformed(image, reason));
            }
            ([], [mask, ..]) => {
                let others = lonely(|pair| pair.images.is_empty()) - 1;
                let reason = format!("has no image ({others} more have none)");
                return Err(ImportError::malformed(mask, reason));
            }
            (images, masks) => {
                let files = images
                    .iter()
                    .chain(masks)
                    .map(|path| path.display().to_string());
                let files = files.collect::<Vec<_>>().join("`, `");
                let reason = format!("`{name}` is more than one image and one mask: `{files}`");
                return Err(ImportError::malformed(source.root, reason));
            }
        };
        cases.push(Pictures {
            name: name.clone(),
            image: image.clone(),
            mask: mask.clone(),
        });
    }
    let choice = source.choice.clone();
    let is_binary = choice.value.is_none();
    frames::read(source, cases, is_binary, move |labels, path| {
        choice.mask(labels, path)
    })
}

/// Images and masks by what their paths have in common.
fn pairs(root: &Path) -> Result<BTreeMap<String, Pair>> {
    let mut pairs = BTreeMap::<String, Pair>::new();
    for path in files(root)? {
        if !has_image_extension(&path) {
            continue;
        }
        let name = relative(root, &path.with_extension(""));
        let mut parts: Vec<&str> = name.split('/').collect();
        let mut stem = parts.pop().unwrap_or_default().to_owned();
        let mut is_mask = false;
        parts.retain(|part| {
            let part = part.to_ascii_lowercase();
            is_mask |= MASKS.contains(&part.as_str());
            !MASKS.contains(&part.as_str()) && !IMAGES.contains(&part.as_str())
        });
        if let Some((own, suffix)) = stem.rsplit_once(['_', '-', '.'])
            && MASKS.contains(&suffix.to_ascii_lowercase().as_str())
        {
            is_mask = true;
            stem = own.to_owned();
        }
        parts.push(&stem);
        let pair = pairs.entry(parts.join("/")).or_default();
        let files = if is_mask {
            &mut pair.masks
        } else {
            &mut pair.images
        };
        files.push(path);
    }
    Ok(pairs)
}
