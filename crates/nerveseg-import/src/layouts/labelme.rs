//! LabelMe: one JSON file an image, with `shapes`. Files without `imagePath` belong to the image
//! of the same name; `patient` names the person.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde::Deserialize;
use serde_json::Value;

use super::shapes::{Images, Shape, labels, name_of, paint};
use super::{Found, Layout, Source};
use crate::item::{Item, Pixels};
use crate::walk::{ends_with, files, json, relative};
use crate::{ImportError, Result};

pub(super) const LAYOUT: Layout = Layout {
    name: "labelme",
    title: "LabelMe",
    recognises: |root| {
        let mut tables = tables(root).unwrap_or_default().into_iter();
        tables
            .next()
            .is_some_and(|path| json::<Table>(&path).is_ok())
    },
    read,
};

#[derive(Debug, Deserialize)]
struct Table {
    shapes: Vec<Outline>,
    #[serde(rename = "imagePath")]
    image_path: Option<String>,
    #[serde(rename = "imageHeight", alias = "height")]
    height: Option<f64>,
    #[serde(rename = "imageWidth", alias = "width")]
    width: Option<f64>,
    patient: Option<Value>,
}

#[derive(Debug, Deserialize)]
struct Outline {
    label: String,
    points: Vec<[f64; 2]>,
    #[serde(default = "polygon")]
    shape_type: String,
}

fn polygon() -> String {
    "polygon".to_owned()
}

fn tables(root: &Path) -> Result<Vec<PathBuf>> {
    let mut files = files(root)?;
    files.retain(|path| ends_with(path, ".json"));
    Ok(files)
}

fn read(source: Source<'_>) -> Result<Found> {
    let images = Images::of(&files(source.root)?);
    let mut tables_read = Vec::new();
    for path in tables(source.root)? {
        let table: Table = json(&path)?;
        let shapes = table.shapes.iter().map(|it| shape(it, &path));
        let shapes = shapes.collect::<Result<Vec<_>>>()?;
        tables_read.push((path, table, shapes));
    }
    let all = labels(tables_read.iter().flat_map(|(.., shapes)| shapes));
    let nerve: Arc<str> = match all.is_empty() {
        true => Arc::from(""),
        false => source.choice.name_of(&all, source.root)?.into(),
    };
    let mut found = Found::default();
    let mut scaled = 0;
    for (path, table, shapes) in tables_read {
        let stem = path.file_stem().unwrap_or_default().to_string_lossy();
        let image = match &table.image_path {
            Some(name) => images.find(name),
            None => images.find_stem(&stem),
        };
        let image = image.map_err(|reason| ImportError::malformed(&path, reason))?;
        let size = table
            .height
            .zip(table.width)
            .map(|(height, width)| [height, width]);
        if size.is_some_and(|size| size.iter().any(|&side| side.is_nan() || side < 1.0)) {
            return Err(ImportError::malformed(&path, "its image has no size"));
        }
        scaled += usize::from(size.is_some());
        let nerve = Arc::clone(&nerve);
        found.items.push(Item {
            source: relative(source.root, &image),
            name: name_of(source.root, &image),
            subject: table.patient.map(|it| match it {
                Value::String(name) => name,
                other => other.to_string(),
            }),
            pixels: Pixels::File(image),
            mask: Box::new(move |_, actual| Ok(paint(&shapes, &nerve, size, actual))),
        });
    }
    if scaled > 0 {
        let note = "outlines are scaled from the size in their file to that of the image";
        found.notes.push(note.to_owned());
    }
    images.note_unnamed(&mut found);
    Ok(found)
}

/// A polygon, whatever the outline is.
fn shape(outline: &Outline, path: &Path) -> Result<Shape> {
    let refuse = |reason: String| Err(ImportError::malformed(path, reason));
    let points = match (outline.shape_type.as_str(), &outline.points[..]) {
        ("polygon", points) if points.len() >= 3 => points.to_vec(),
        ("rectangle", &[[x0, y0], [x1, y1]]) => vec![[x0, y0], [x1, y0], [x1, y1], [x0, y1]],
        (kind, points) => {
            let count = points.len();
            return refuse(format!(
                "a shape is a {kind} of {count} points; polygons and rectangles are read"
            ));
        }
    };
    Ok(Shape {
        label: outline.label.clone(),
        points,
    })
}
