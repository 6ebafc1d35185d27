//! From a foreign layout to ours.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};

use nerveseg_data::{Reader, has_image_extension, write_atomic_bytes};
use rayon::prelude::*;
use serde::Serialize;

use crate::item::{Item, Pixels};
use crate::layouts::{LAYOUTS, Layout, Source, recognise};
use crate::nifti_slices::Volume;
use crate::subject::{SubjectRule, number};
use crate::write::{Staging, place, save, save_mask};
use crate::{ImportError, LabelChoice, Result};

/// How a folder is imported.
#[derive(Clone, Debug, Default)]
pub struct ImportOptions {
    /// The layout; recognised where it is not given.
    pub layout: Option<&'static Layout>,
    /// Which of several labels is the nerve.
    pub labels: LabelChoice,
    /// How the person is told from a name.
    pub subjects: SubjectRule,
    /// Whether images are copied rather than linked.
    pub copy: bool,
    /// How files are read.
    pub reader: Reader,
}

/// What an import made.
#[derive(Clone, Debug, Serialize)]
pub struct Imported {
    /// What `--format` calls the layout.
    pub layout: &'static str,
    /// What people call it.
    pub title: &'static str,
    /// The folder.
    pub out: PathBuf,
    /// What a person should know, one sentence each.
    pub notes: Vec<String>,
    /// What became of each image, by subject and number.
    pub rows: Vec<Row>,
}

/// What became of one image.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Row {
    /// Number of the person.
    pub subject: u32,
    /// Number of the image.
    pub image: u32,
    /// Name of the person.
    pub subject_name: String,
    /// Path under the source.
    pub source: String,
    /// Pixels of nerve.
    pub area_px: usize,
}

/// Makes a folder in our layout; `progress` is called with the images done and their number.
///
/// # Errors
///
/// The layout is not known, a file breaks its rules, a label or a subject cannot be told, or `out`
/// holds something. Then there is no `out`, and the source is as it was in any case.
pub fn import(
    root: &Path,
    out: &Path,
    options: &ImportOptions,
    progress: &(dyn Fn(usize, usize) + Sync),
) -> Result<Imported> {
    if !root.is_dir() {
        let error = std::io::Error::from(std::io::ErrorKind::NotADirectory);
        return Err(ImportError::system(root)(error));
    }
    let layout = options.layout.or_else(|| recognise(root));
    let layout = layout.ok_or_else(|| ImportError::UnknownLayout {
        path: root.to_owned(),
        known: LAYOUTS
            .iter()
            .map(|it| it.name)
            .collect::<Vec<_>>()
            .join(", "),
    })?;
    // before the work, and once more after it
    let staging = Staging::new(out)?;
    let found = layout.read(Source {
        root,
        choice: &options.labels,
        reader: &options.reader,
    })?;
    let names = options.subjects.names(&found.items)?;
    let keep = !(found.is_private && matches!(options.subjects, SubjectRule::Automatic));
    let numbers = number(&names, &found.items, keep);
    let (total, done) = (found.items.len(), AtomicUsize::new(0));
    let rows: Result<Vec<Row>> = (found.items.par_iter(), &names, &numbers)
        .into_par_iter()
        .map(|(item, name, &[subject, image])| {
            let stem = format!("{subject}_{image}");
            let area_px = write(item, staging.path(), &stem, options)?;
            progress(done.fetch_add(1, Ordering::Relaxed) + 1, total);
            Ok(Row {
                subject,
                image,
                subject_name: name.clone(),
                source: item.source.clone(),
                area_px,
            })
        })
        .collect();
    let mut rows = rows?;
    rows.sort_unstable();
    write_atomic_bytes(staging.path().join("import.csv"), table(&rows)?.as_bytes())?;
    staging.finish()?;
    Ok(Imported {
        layout: layout.name,
        title: layout.title,
        out: out.to_owned(),
        notes: found.notes,
        rows,
    })
}

/// Writes image and mask and returns the pixels of nerve.
fn write(item: &Item, folder: &Path, stem: &str, options: &ImportOptions) -> Result<usize> {
    let reader = &options.reader;
    let size = match &item.pixels {
        Pixels::File(path) => {
            let image = reader.read(path, 0)?;
            if image.count > 1 {
                let reason = format!(
                    "has {} frames and one mask; split it into files of one frame each",
                    image.count
                );
                return Err(ImportError::malformed(path, reason));
            }
            let ending = match has_image_extension(path) {
                true => path.extension().unwrap_or_default().to_string_lossy(),
                // only DICOM has other names, or none
                false => "dcm".into(),
            };
            place(path, &folder.join(format!("{stem}.{ending}")), options.copy)?;
            image.size()
        }
        Pixels::Frame { path, frame } => {
            let image = reader.read(path, *frame)?;
            save(&image.pixels, &folder.join(format!("{stem}.png")))?;
            image.size()
        }
        Pixels::Slice { path, slice } => {
            let image = Volume::read(path)?.grey(*slice);
            save(&image, &folder.join(format!("{stem}.png")))?;
            [image.height() as usize, image.width() as usize]
        }
    };
    let mask = (item.mask)(reader, size.map(|side| side as u32))?;
    let (height, width) = mask.dim();
    if [height, width] != size {
        let mut reason = format!("is {size:?} (height, width), ");
        let _ = write!(reason, "but its mask is {:?}", [height, width]);
        return Err(ImportError::malformed(Path::new(&item.source), reason));
    }
    save_mask(
        mask.view(),
        u8::MAX,
        &folder.join(format!("{stem}_mask.png")),
    )?;
    Ok(mask.iter().filter(|&&set| set).count())
}

fn table(rows: &[Row]) -> Result<String> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    let fail = |error: csv::Error| {
        ImportError::system(Path::new("import.csv"))(std::io::Error::other(error))
    };
    for row in rows {
        writer.serialize(row).map_err(fail)?;
    }
    let bytes = writer
        .into_inner()
        .map_err(|error| fail(error.into_error().into()))?;
    Ok(String::from_utf8(bytes).expect("names are text"))
}
