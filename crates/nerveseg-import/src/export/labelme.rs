//! LabelMe: a JSON file beside each image.

use nerveseg_data::{Dataset, write_atomic_bytes};
use serde_json::{Value, json};

use super::{NERVE, each, mask, paths, place_image};
use crate::Result;
use crate::write::Staging;

pub(super) fn write(dataset: &Dataset, staging: &Staging, tick: &(dyn Fn() + Sync)) -> Result<()> {
    each(dataset, tick, |entry| {
        let mask = mask(entry)?;
        let name = place_image(entry, staging.path())?;
        let (height, width) = mask.dim();
        let shapes: Vec<Value> = paths(&mask)
            .into_iter()
            .map(|points| {
                json!({
                    "label": NERVE,
                    "points": points,
                    "group_id": null,
                    "shape_type": "polygon",
                    "flags": {},
                })
            })
            .collect();
        let table = json!({
            "version": "5.0.0",
            "flags": {},
            "shapes": shapes,
            "imagePath": name,
            "imageData": null,
            "imageHeight": height,
            "imageWidth": width,
        });
        let path = staging.path().join(format!("{}.json", entry.case_id));
        write_atomic_bytes(path, table.to_string().as_bytes())?;
        Ok(())
    })?;
    Ok(())
}
