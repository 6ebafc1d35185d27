//! What layouts with outlines have in common.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use nerveseg_data::{Mask, has_image_extension};

use super::Found;
use crate::item::Pixels;
use crate::polygon;

/// A labelled outline, in pixels of an image of `size`.
#[derive(Clone, Debug)]
pub(super) struct Shape {
    pub(super) label: String,
    pub(super) points: Vec<[f64; 2]>,
}

/// The union of the shapes with this label, scaled from `size` `[height, width]` to the image's.
pub(super) fn paint(
    shapes: &[Shape],
    label: &str,
    size: Option<[f64; 2]>,
    [height, width]: [u32; 2],
) -> Mask {
    let mut mask = Mask::default((height as usize, width as usize));
    let [down, across] = size.map_or([1.0; 2], |[h, w]| {
        [f64::from(height) / h, f64::from(width) / w]
    });
    for shape in shapes.iter().filter(|shape| shape.label == label) {
        let points: Vec<[f64; 2]> = shape
            .points
            .iter()
            .map(|[x, y]| [x * across, y * down])
            .collect();
        polygon::fill(&mut mask, &points);
    }
    mask
}

/// The names of labels in use.
pub(super) fn labels<'a>(shapes: impl Iterator<Item = &'a Shape>) -> BTreeSet<String> {
    shapes.map(|shape| shape.label.clone()).collect()
}

/// Finds images by the names that annotations give them.
#[derive(Debug)]
pub(super) struct Images {
    by_name: BTreeMap<String, Vec<PathBuf>>,
    by_stem: BTreeMap<String, Vec<PathBuf>>,
}

impl Images {
    pub(super) fn of(files: &[PathBuf]) -> Self {
        let mut images = Self {
            by_name: BTreeMap::new(),
            by_stem: BTreeMap::new(),
        };
        for file in files.iter().filter(|file| has_image_extension(file)) {
            let add = |map: &mut BTreeMap<String, Vec<PathBuf>>, key: Option<&std::ffi::OsStr>| {
                let key = key.unwrap_or_default().to_string_lossy().into_owned();
                map.entry(key).or_default().push(file.clone());
            };
            add(&mut images.by_name, file.file_name());
            add(&mut images.by_stem, file.file_stem());
        }
        images
    }

    /// The one image whose path ends with `name`.
    pub(super) fn find(&self, name: &str) -> Result<PathBuf, String> {
        let name = name.replace('\\', "/");
        let path = Path::new(&name);
        let own = path.file_name().unwrap_or_default().to_string_lossy();
        let all = self
            .by_name
            .get(own.as_ref())
            .map_or(&[][..], Vec::as_slice);
        let relative: PathBuf = path
            .components()
            .filter(|part| matches!(part, std::path::Component::Normal(_)))
            .collect();
        let fitting: Vec<&PathBuf> = all.iter().filter(|it| it.ends_with(&relative)).collect();
        one(&fitting, &name).or_else(|reason| match all {
            [only] => Ok(only.clone()),
            _ => Err(reason),
        })
    }

    /// Says how many images `found` has left out, because nothing names them.
    pub(super) fn note_unnamed(&self, found: &mut Found) {
        let named: BTreeSet<&Path> = found
            .items
            .iter()
            .filter_map(|item| match &item.pixels {
                Pixels::File(path) => Some(path.as_path()),
                Pixels::Frame { .. } | Pixels::Slice { .. } => None,
            })
            .collect();
        let images = self.by_name.values().flatten();
        let unnamed = images.filter(|it| !named.contains(it.as_path())).count();
        if unnamed > 0 {
            let note = format!("images without an annotation are left out: {unnamed}");
            found.notes.push(note);
        }
    }

    /// The one image with this name but for the ending.
    pub(super) fn find_stem(&self, stem: &str) -> Result<PathBuf, String> {
        let all = self.by_stem.get(stem).map_or(&[][..], Vec::as_slice);
        one(&all.iter().collect::<Vec<_>>(), stem)
    }
}

fn one(found: &[&PathBuf], name: &str) -> Result<PathBuf, String> {
    match found {
        [only] => Ok((*only).clone()),
        [] => Err(format!("names the image `{name}`, which is not there")),
        [first, second, ..] => Err(format!(
            "names the image `{name}`, which may be `{}` or `{}`",
            first.display(),
            second.display()
        )),
    }
}

/// The path of an image without its ending and without folders that only say `images`.
pub(super) fn name_of(root: &Path, image: &Path) -> String {
    let name = crate::walk::relative(root, &image.with_extension(""));
    let parts: Vec<&str> = name.split('/').collect();
    let (stem, folders) = parts.split_last().unwrap_or((&"", &[]));
    let plain = [
        "images",
        "image",
        "img",
        "imgs",
        "data",
        "jpegimages",
        "frames",
    ];
    let folders = folders
        .iter()
        .filter(|it| !plain.contains(&it.to_ascii_lowercase().as_str()));
    folders.chain([stem]).copied().collect::<Vec<_>>().join("/")
}
