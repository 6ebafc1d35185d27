//! nnU-Net v2: PNG throughout, for all images of a set have one ending there.

use nerveseg_data::{Dataset, write_atomic_bytes};
use serde_json::json;

use super::{NERVE, each};
use crate::write::{Staging, save, save_mask};
use crate::{ImportError, Result};

pub(super) fn write(dataset: &Dataset, staging: &Staging, tick: &(dyn Fn() + Sync)) -> Result<()> {
    let images = staging.subfolder("imagesTr")?;
    let labels = staging.subfolder("labelsTr")?;
    let cases = each(dataset, tick, |entry| {
        let case = entry.load()?;
        let path = &entry.image_path;
        let mask = case
            .mask
            .ok_or_else(|| ImportError::malformed(path, "has no mask"))?;
        save(
            &case.frame.pixels,
            &images.join(format!("{}_0000.png", entry.case_id)),
        )?;
        save_mask(
            mask.view(),
            1,
            &labels.join(format!("{}.png", entry.case_id)),
        )
    })?;
    let description = json!({
        "channel_names": {"0": "ultrasound"},
        "labels": {"background": 0, NERVE: 1},
        "numTraining": cases.len(),
        "file_ending": ".png",
    });
    let path = staging.path().join("dataset.json");
    Ok(write_atomic_bytes(
        path,
        description.to_string().as_bytes(),
    )?)
}
