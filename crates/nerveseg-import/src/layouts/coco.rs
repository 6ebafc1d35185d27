//! COCO: one JSON file with `images`, `annotations` and `categories`.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use nerveseg_data::Mask;
use serde::Deserialize;
use serde_json::Value;

use super::shapes::{Images, name_of};
use super::{Found, Layout, Source};
use crate::item::{Item, Pixels};
use crate::walk::{ends_with, files, json, relative};
use crate::{ImportError, Result, polygon, rle};

pub(super) const LAYOUT: Layout = Layout {
    name: "coco",
    title: "COCO",
    recognises: |root| !tables(root).unwrap_or_default().is_empty(),
    read,
};

#[derive(Debug, Deserialize)]
struct Table {
    images: Vec<Image>,
    annotations: Vec<Annotation>,
    categories: Vec<Category>,
}

#[derive(Debug, Deserialize)]
struct Image {
    id: i64,
    file_name: String,
    width: u32,
    height: u32,
}

#[derive(Debug, Deserialize)]
struct Annotation {
    image_id: i64,
    category_id: i64,
    #[serde(default)]
    segmentation: Option<Segmentation>,
}

#[derive(Debug, Deserialize)]
struct Category {
    id: i64,
    name: String,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(untagged)]
enum Segmentation {
    Polygons(Vec<Vec<f64>>),
    Runs { counts: Counts, size: [u32; 2] },
}

#[derive(Clone, Debug, Deserialize)]
#[serde(untagged)]
enum Counts {
    Plain(Vec<u64>),
    Compressed(String),
}

/// JSON files that look like COCO.
fn tables(root: &Path) -> Result<Vec<PathBuf>> {
    let is_table = |path: &PathBuf| {
        let keys = ["images", "annotations", "categories"];
        let object = json::<BTreeMap<String, Value>>(path);
        object.is_ok_and(|it| {
            keys.iter()
                .all(|&key| it.get(key).is_some_and(Value::is_array))
        })
    };
    let mut files = files(root)?;
    files.retain(|path| ends_with(path, ".json"));
    // one table is for many images; a file for each image is another layout
    files.retain(is_table);
    Ok(files)
}

fn read(source: Source<'_>) -> Result<Found> {
    let images = Images::of(&files(source.root)?);
    let mut found = Found::default();
    let mut seen = BTreeSet::new();
    for path in tables(source.root)? {
        let table: Table = json(&path)?;
        let names: BTreeSet<String> = table.categories.iter().map(|it| it.name.clone()).collect();
        let nerve = source.choice.name_of(&names, &path)?;
        let nerves: BTreeSet<i64> = match source.choice.value {
            Some(value) => BTreeSet::from([i64::from(value)]),
            None => {
                let fitting = table.categories.iter().filter(|it| it.name == nerve);
                fitting.map(|it| it.id).collect()
            }
        };
        let mut outlines = BTreeMap::<i64, Vec<Segmentation>>::new();
        for annotation in table.annotations {
            if !nerves.contains(&annotation.category_id) {
                continue;
            }
            let segmentation = annotation.segmentation.ok_or_else(|| {
                let reason = format!("image {} has a box without an outline", annotation.image_id);
                ImportError::malformed(&path, reason)
            })?;
            outlines
                .entry(annotation.image_id)
                .or_default()
                .push(segmentation);
        }
        for image in table.images {
            let file = images.find(&image.file_name);
            let file = file.map_err(|reason| ImportError::malformed(&path, reason))?;
            if !seen.insert(file.clone()) {
                let reason = format!("names the image `{}` again", image.file_name);
                return Err(ImportError::malformed(&path, reason));
            }
            let outlines = outlines.remove(&image.id).unwrap_or_default();
            let (table, stated) = (path.clone(), [image.height, image.width]);
            found.items.push(Item {
                source: relative(source.root, &file),
                name: name_of(source.root, &file),
                subject: None,
                pixels: Pixels::File(file),
                mask: Box::new(move |_, size| {
                    paint(&outlines, stated, size)
                        .map_err(|reason| ImportError::malformed(&table, reason))
                }),
            });
        }
        if let Some(id) = outlines.keys().next() {
            let reason = format!("an annotation is of image {id}, which is not among the images");
            return Err(ImportError::malformed(&path, reason));
        }
    }
    images.note_unnamed(&mut found);
    Ok(found)
}

fn paint(outlines: &[Segmentation], stated: [u32; 2], size: [u32; 2]) -> Result<Mask, String> {
    if stated != size {
        return Err(format!(
            "says that an image is {stated:?} (height, width), but it is {size:?}"
        ));
    }
    let [height, width] = size;
    let mut mask = Mask::default((height as usize, width as usize));
    for outline in outlines {
        match outline {
            Segmentation::Polygons(polygons) => {
                for numbers in polygons {
                    if numbers.len() < 6 || numbers.len() % 2 == 1 {
                        return Err(format!("a polygon has {} numbers", numbers.len()));
                    }
                    let points: Vec<[f64; 2]> =
                        numbers.chunks_exact(2).map(|it| [it[0], it[1]]).collect();
                    polygon::fill(&mut mask, &points);
                }
            }
            Segmentation::Runs { size: runs, .. } if *runs != size => {
                return Err(format!(
                    "run lengths are for {runs:?}, the image is {size:?}"
                ));
            }
            Segmentation::Runs { counts, .. } => {
                let runs = match counts {
                    Counts::Plain(counts) => rle::decode(counts, size)?,
                    Counts::Compressed(text) => rle::decode(&rle::decompress(text)?, size)?,
                };
                mask.zip_mut_with(&runs, |mask, &run| *mask |= run);
            }
        }
    }
    Ok(mask)
}
