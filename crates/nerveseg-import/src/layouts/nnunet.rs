//! nnU-Net v2: `imagesTr/CASE_0000.EXT`, `labelsTr/CASE.EXT`, `dataset.json`.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;

use ndarray::Array2;
use nerveseg_data::Mask;
use serde::Deserialize;
use serde_json::Value;

use super::frames::{self, Pictures};
use super::{Found, Layout, Source};
use crate::choice::pick;
use crate::item::{Item, Pixels};
use crate::nifti_slices::{self, Volume};
use crate::walk::{ends_with, files, json, relative};
use crate::{ImportError, Result};

pub(super) const LAYOUT: Layout = Layout {
    name: "nnunet",
    title: "nnU-Net v2",
    recognises: |root| root.join("imagesTr").is_dir() && root.join("labelsTr").is_dir(),
    read,
};

#[derive(Debug, Deserialize)]
struct Description {
    /// Name to number; number to name in the first version.
    labels: BTreeMap<String, Value>,
    file_ending: Option<String>,
}

fn read(source: Source<'_>) -> Result<Found> {
    let path = source.root.join("dataset.json");
    let description: Description = json(&path)?;
    let labels = numbers(&description.labels, &path)?;
    let nerve = source.choice.value_of(&labels, &path)?;
    let known = Arc::new(labels);
    let (mut cases, mut volumes) = (Vec::new(), Vec::new());
    let mut others = BTreeSet::new();
    let folder = source.root.join("imagesTr");
    for image in files(&folder)? {
        let Some((case, channel, ending)) = parts(&folder, &image) else {
            continue;
        };
        if description
            .file_ending
            .as_ref()
            .is_some_and(|it| *it != ending)
        {
            continue;
        }
        if channel != "0000" {
            others.insert(channel);
            continue;
        }
        let label = source.root.join("labelsTr").join(format!("{case}{ending}"));
        if !label.is_file() {
            let reason = format!("expected its label `{}`", label.display());
            return Err(ImportError::malformed(&image, reason));
        }
        let cases = match ending.starts_with(".nii") {
            true => &mut volumes,
            false => &mut cases,
        };
        cases.push(Pictures {
            name: case,
            image,
            mask: label,
        });
    }
    let mut found = frames::read(source, cases, false, {
        let known = Arc::clone(&known);
        move |labels, path| mask(&labels.values, nerve, &known, path)
    })?;
    if !volumes.is_empty() {
        found.notes.push(nifti_slices::NOTE.to_owned());
    }
    for volume in volumes {
        found
            .items
            .extend(slices(source.root, volume, nerve, &known)?);
    }
    if !others.is_empty() {
        let others: Vec<String> = others.into_iter().collect();
        let note = format!(
            "of the channels 0000 is taken, and not {}",
            others.join(", ")
        );
        found.notes.push(note);
    }
    if source.root.join("imagesTs").is_dir() {
        found
            .notes
            .push("`imagesTs` has no labels and is left out".to_owned());
    }
    Ok(found)
}

/// Case, channel and ending of `CASE_0000.EXT`.
fn parts(folder: &Path, image: &Path) -> Option<(String, String, String)> {
    let name = relative(folder, image);
    let dot = if ends_with(image, ".nii.gz") {
        name.len() - ".nii.gz".len()
    } else {
        name.rfind('.')?
    };
    let (stem, ending) = name.split_at(dot);
    let (case, channel) = stem.rsplit_once('_')?;
    let is_channel = channel.len() == 4 && channel.bytes().all(|it| it.is_ascii_digit());
    is_channel.then(|| (case.to_owned(), channel.to_owned(), ending.to_owned()))
}

/// Name to number, whichever way round the file has them.
fn numbers(labels: &BTreeMap<String, Value>, path: &Path) -> Result<BTreeMap<String, u16>> {
    labels
        .iter()
        .map(|(key, value)| {
            let number = |value: u64| u16::try_from(value).ok();
            let pair = match value {
                Value::Number(value) => value.as_u64().and_then(number).map(|it| (key.clone(), it)),
                Value::String(name) => key.parse().ok().map(|it| (name.clone(), it)),
                _ => None,
            };
            pair.ok_or_else(|| {
                let reason = format!("label `{key}` is {value}, expected one number (no regions)");
                ImportError::malformed(path, reason)
            })
        })
        .collect()
}

fn mask(
    labels: &Array2<u16>,
    nerve: u16,
    known: &BTreeMap<String, u16>,
    path: &Path,
) -> Result<Mask> {
    let ignored = known.get("ignore").copied();
    let is_odd = |&&label: &&u16| {
        label != nerve && (Some(label) == ignored || !known.values().any(|&it| it == label))
    };
    if let Some(label) = labels.iter().find(is_odd) {
        let reason =
            format!("holds the label {label}, which `dataset.json` does not name or ignores");
        return Err(ImportError::malformed(path, reason));
    }
    Ok(pick(labels, nerve))
}

/// One item for each slice of a volume.
fn slices(
    root: &Path,
    volume: Pictures,
    nerve: u16,
    known: &Arc<BTreeMap<String, u16>>,
) -> Result<Vec<Item>> {
    let Pictures {
        name,
        image: path,
        mask: label,
    } = volume;
    let [.., count] = nifti_slices::size_of(&path)?;
    let [.., labels] = nifti_slices::size_of(&label)?;
    if labels != count {
        let reason = format!("has {labels} slices, but its image has {count}");
        return Err(ImportError::malformed(&label, reason));
    }
    let item = |slice: usize| {
        let (label, known) = (label.clone(), Arc::clone(known));
        let file = relative(root, &path);
        Item {
            source: match count {
                1 => file,
                _ => format!("{file}#{slice}"),
            },
            name: name.clone(),
            subject: None,
            pixels: Pixels::Slice {
                path: path.clone(),
                slice,
            },
            mask: Box::new(move |_, _| {
                let labels = Volume::read(&label)?.labels(slice);
                let labels = labels.map_err(|reason| ImportError::malformed(&label, reason))?;
                mask(&labels, nerve, &known, &label)
            }),
        }
    };
    Ok((0..count).map(item).collect())
}
