//! From our layout to those of others, so that nobody is locked in.

mod coco;
mod labelme;
mod nnunet;

use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};

use nerveseg_data::mask::rings;
use nerveseg_data::{CaseEntry, Dataset, Mask};
use rayon::prelude::*;

use crate::write::{Staging, place};
use crate::{ImportError, Result};

/// What the nerve is called in other layouts.
const NERVE: &str = "nerve";

/// A layout that is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ExportFormat {
    /// One `annotations.json` and a folder of images.
    Coco,
    /// A JSON file beside each image.
    LabelMe,
    /// `imagesTr`, `labelsTr` and `dataset.json`.
    NnUNet,
}

/// Writes the labelled cases of a dataset in another layout; returns how many there are.
///
/// # Errors
///
/// A case cannot be read, or `out` holds something. Then there is no `out`.
pub fn export_labels(
    dataset: &Dataset,
    format: ExportFormat,
    out: &Path,
    progress: &(dyn Fn(usize) + Sync),
) -> Result<usize> {
    let staging = Staging::new(out)?;
    let done = AtomicUsize::new(0);
    let tick = || progress(done.fetch_add(1, Ordering::Relaxed) + 1);
    match format {
        ExportFormat::Coco => coco::write(dataset, &staging, &tick)?,
        ExportFormat::LabelMe => labelme::write(dataset, &staging, &tick)?,
        ExportFormat::NnUNet => nnunet::write(dataset, &staging, &tick)?,
    }
    staging.finish()?;
    Ok(dataset.cases().len())
}

/// Maps each case on all cores, in order.
fn each<T: Send>(
    dataset: &Dataset,
    tick: &(dyn Fn() + Sync),
    map: impl Fn(&CaseEntry) -> Result<T> + Sync,
) -> Result<Vec<T>> {
    let cases = dataset.cases().par_iter();
    cases
        .map(|entry| {
            let mapped = map(entry)?;
            tick();
            Ok(mapped)
        })
        .collect()
}

/// The mask of a case of the training set.
fn mask(entry: &CaseEntry) -> Result<Mask> {
    let mask = entry.load()?.mask;
    mask.ok_or_else(|| ImportError::malformed(&entry.image_path, "has no mask"))
}

/// Puts the image of a case into a folder and returns its name there.
fn place_image(entry: &CaseEntry, folder: &Path) -> Result<String> {
    let ending = entry
        .image_path
        .extension()
        .unwrap_or_default()
        .to_string_lossy();
    let name = format!("{}.{ending}", entry.case_id);
    place(&entry.image_path, &folder.join(&name), false)?;
    Ok(name)
}

/// One closed path for each region, holes included: to a hole and back the same way.
fn paths(mask: &Mask) -> Vec<Vec<[u32; 2]>> {
    let mut rings = rings(mask.view()).into_iter();
    let Some(first) = rings.next() else {
        return Vec::new();
    };
    let start = first[0];
    let mut path = first;
    for ring in rings {
        path.push(start);
        let again = ring[0];
        path.extend(ring);
        path.push(again);
    }
    vec![path]
}
