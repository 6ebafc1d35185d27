//! COCO: outlines, or run lengths where a region has holes.

use nerveseg_data::mask::{outlines, rings};
use nerveseg_data::{Dataset, Mask, write_atomic_bytes};
use serde_json::{Value, json};

use super::{NERVE, each, mask, place_image};
use crate::write::Staging;
use crate::{Result, rle};

pub(super) fn write(dataset: &Dataset, staging: &Staging, tick: &(dyn Fn() + Sync)) -> Result<()> {
    let folder = staging.subfolder("images")?;
    let cases = each(dataset, tick, |entry| {
        let mask = mask(entry)?;
        Ok((place_image(entry, &folder)?, mask))
    })?;
    let mut images = Vec::new();
    let mut annotations = Vec::new();
    for (id, (name, mask)) in (1..).zip(&cases) {
        let (height, width) = mask.dim();
        let file_name = format!("images/{name}");
        images.push(json!({"id": id, "file_name": file_name, "width": width, "height": height}));
        annotations.extend(annotation(mask).map(|mut annotation| {
            annotation["id"] = json!(id);
            annotation["image_id"] = json!(id);
            annotation
        }));
    }
    let table = json!({
        "info": {"description": "exported by nerveseg; research use only"},
        "categories": [{"id": 1, "name": NERVE}],
        "images": images,
        "annotations": annotations,
    });
    let path = staging.path().join("annotations.json");
    Ok(write_atomic_bytes(path, table.to_string().as_bytes())?)
}

/// The nerve of one image; nothing for an empty mask.
fn annotation(mask: &Mask) -> Option<Value> {
    let pixels = || {
        mask.indexed_iter()
            .filter(|&(_, &set)| set)
            .map(|(at, _)| at)
    };
    let (top, bottom) = (
        pixels().map(|it| it.0).min()?,
        pixels().map(|it| it.0).max()?,
    );
    let (left, right) = (
        pixels().map(|it| it.1).min()?,
        pixels().map(|it| it.1).max()?,
    );
    let (height, width) = mask.dim();
    let polygons = outlines(mask.view());
    let has_holes = rings(mask.view()).len() > polygons.len();
    let segmentation = if has_holes {
        json!({"counts": rle::encode(mask.view()), "size": [height, width]})
    } else {
        json!(
            polygons
                .iter()
                .map(|ring| ring.as_flattened())
                .collect::<Vec<_>>()
        )
    };
    Some(json!({
        "category_id": 1,
        "iscrowd": u8::from(has_holes),
        "area": pixels().count(),
        "bbox": [left, top, right - left + 1, bottom - top + 1],
        "segmentation": segmentation,
    }))
}
