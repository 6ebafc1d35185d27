//! CVAT for images 1.1: one `annotations.xml`.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use roxmltree::{Document, Node};

use super::shapes::{Images, Shape, labels, name_of, paint};
use super::{Found, Layout, Source};
use crate::item::{Item, Pixels};
use crate::walk::{ends_with, files, relative, text};
use crate::{ImportError, Result};

pub(super) const LAYOUT: Layout = Layout {
    name: "cvat",
    title: "CVAT for images 1.1",
    recognises: |root| !tables(root).unwrap_or_default().is_empty(),
    read,
};

fn tables(root: &Path) -> Result<Vec<PathBuf>> {
    let mut files = files(root)?;
    files.retain(|path| {
        ends_with(path, ".xml") && text(path).is_ok_and(|text| text.contains("<annotations"))
    });
    Ok(files)
}

fn read(source: Source<'_>) -> Result<Found> {
    let images = Images::of(&files(source.root)?);
    let mut found = Found::default();
    for path in tables(source.root)? {
        let fail = |reason: String| ImportError::malformed(&path, reason);
        let text = text(&path)?;
        let document = Document::parse(&text).map_err(|error| fail(error.to_string()))?;
        let root = document.root_element();
        if root.children().any(|node| node.has_tag_name("track")) {
            let reason = "holds tracks of a video; export it as `CVAT for images 1.1` or as COCO";
            return Err(fail(reason.to_owned()));
        }
        let nodes: Vec<Node<'_, '_>> = root
            .children()
            .filter(|node| node.has_tag_name("image"))
            .collect();
        let shapes = nodes.iter().map(|node| shapes(*node, &path));
        let shapes = shapes.collect::<Result<Vec<_>>>()?;
        let all = labels(shapes.iter().flatten());
        let nerve: Arc<str> = match all.is_empty() {
            true => Arc::from(""),
            false => source.choice.name_of(&all, &path)?.into(),
        };
        for (node, shapes) in nodes.into_iter().zip(shapes) {
            let image = images.find(attribute(node, "name", &path)?).map_err(fail)?;
            let size = [
                number(node, "height", &path)?,
                number(node, "width", &path)?,
            ];
            let nerve = Arc::clone(&nerve);
            found.items.push(Item {
                source: relative(source.root, &image),
                name: name_of(source.root, &image),
                subject: None,
                pixels: Pixels::File(image),
                mask: Box::new(move |_, actual| Ok(paint(&shapes, &nerve, Some(size), actual))),
            });
        }
    }
    images.note_unnamed(&mut found);
    Ok(found)
}

fn attribute<'a>(node: Node<'a, '_>, name: &str, path: &Path) -> Result<&'a str> {
    node.attribute(name).ok_or_else(|| {
        let tag = node.tag_name().name();
        ImportError::malformed(path, format!("`{tag}` has no `{name}`"))
    })
}

fn number(node: Node<'_, '_>, name: &str, path: &Path) -> Result<f64> {
    let text = attribute(node, name, path)?;
    let number: Option<f64> = text.parse().ok();
    number
        .filter(|it| it.is_finite() && *it >= 0.0)
        .ok_or_else(|| {
            ImportError::malformed(path, format!("`{name}` is `{text}`, expected a number"))
        })
}

fn shapes(image: Node<'_, '_>, path: &Path) -> Result<Vec<Shape>> {
    let elements = image.children().filter(Node::is_element);
    elements
        .filter(|node| !node.has_tag_name("tag"))
        .map(|node| {
            let points = match node.tag_name().name() {
                "polygon" => polygon(node, path)?,
                "box" => {
                    let [x0, y0, x1, y1] =
                        ["xtl", "ytl", "xbr", "ybr"].map(|it| number(node, it, path));
                    let (x0, y0, x1, y1) = (x0?, y0?, x1?, y1?);
                    vec![[x0, y0], [x1, y0], [x1, y1], [x0, y1]]
                }
                other => {
                    let reason = format!(
                        "a shape is a `{other}`; polygons and boxes are read (CVAT exports masks \
                         as COCO)"
                    );
                    return Err(ImportError::malformed(path, reason));
                }
            };
            Ok(Shape {
                label: attribute(node, "label", path)?.to_owned(),
                points,
            })
        })
        .collect()
}

fn polygon(node: Node<'_, '_>, path: &Path) -> Result<Vec<[f64; 2]>> {
    let text = attribute(node, "points", path)?;
    let point = |pair: &str| {
        let (x, y) = pair.split_once(',')?;
        Some([x.trim().parse().ok()?, y.trim().parse().ok()?])
    };
    let points: Option<Vec<[f64; 2]>> = text.split(';').map(point).collect();
    points
        .filter(|points| points.len() >= 3)
        .ok_or_else(|| ImportError::malformed(path, format!("`{text}` are no points of a polygon")))
}
