//! From the names in a folder to entries and defects.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::deep::DeepFrames;
use super::entry::{CaseEntry, MaskSource};
use super::folder::Dataset;
use super::masks_csv::{MaskRows, read_mask_rows};
use super::name::FileRole;
use super::parallel::{Progress, try_map};
use super::seen::Seen;
use crate::{CaseId, DataError, Reader, Result, Sites, extensions};

impl Dataset {
    /// Lists a UNS folder, or a folder that holds `train/` and `test/`; no pixel is read.
    ///
    /// # Errors
    ///
    /// The first defect that [`Dataset::scan`] finds.
    pub fn open(dir: impl AsRef<Path>) -> Result<Self> {
        Self::open_with(dir, Reader::default())
    }

    /// As [`Dataset::open`]; files will be read by `reader`.
    ///
    /// # Errors
    ///
    /// As [`Dataset::open`].
    pub fn open_with(dir: impl AsRef<Path>, reader: Reader) -> Result<Self> {
        let Scan { dataset, defects } = Self::scan_with(dir, reader)?;
        defects.into_iter().next().map_or(Ok(dataset), Err)
    }

    /// Lists a folder as [`Dataset::open`] does, keeping what is good and naming every defect.
    ///
    /// Names, `train_masks.csv` and `sites.json` are checked here, pixels by [`Scan::verify`].
    ///
    /// # Errors
    ///
    /// Only a folder that cannot be listed, or that holds no UNS file at all.
    pub fn scan(dir: impl AsRef<Path>) -> Result<Scan> {
        Self::scan_with(dir, Reader::default())
    }

    /// As [`Dataset::scan`]; files will be read by `reader`.
    ///
    /// # Errors
    ///
    /// As [`Dataset::scan`].
    pub fn scan_with(dir: impl AsRef<Path>, reader: Reader) -> Result<Scan> {
        scan(dir.as_ref(), Arc::new(reader))
    }
}

/// What a folder holds: the good cases and everything that is wrong with the rest.
#[derive(Debug)]
pub struct Scan {
    /// Cases without a defect.
    pub dataset: Dataset,
    /// One entry per defect; each names its file.
    pub defects: Vec<DataError>,
}

impl Scan {
    /// Reads every image and mask and moves cases that cannot be loaded to the defects.
    #[must_use]
    pub fn verify(mut self, progress: Progress<'_>) -> Self {
        let labelled = self.dataset.cases.len();
        let after_labelled = |done: usize| progress(labelled + done);
        let defects = &mut self.defects;
        self.dataset.cases = keep_loadable(self.dataset.cases, defects, progress);
        self.dataset.test_frames =
            keep_loadable(self.dataset.test_frames, defects, &after_labelled);
        self
    }
}

fn keep_loadable(
    entries: Vec<CaseEntry>,
    defects: &mut Vec<DataError>,
    progress: Progress<'_>,
) -> Vec<CaseEntry> {
    let Ok(outcomes) = try_map(
        &entries,
        |entry| Ok::<_, std::convert::Infallible>(entry.load().err()),
        progress,
    );
    let mut kept = Vec::with_capacity(entries.len());
    for (entry, defect) in entries.into_iter().zip(outcomes) {
        match defect {
            Some(defect) => defects.push(defect),
            None => kept.push(entry),
        }
    }
    kept
}

fn scan(dir: &Path, reader: Arc<Reader>) -> Result<Scan> {
    let train = dir.join("train");
    let mut index = Index::default();
    index.add_folder(dir)?;
    for folder in [&train, &dir.join("test")] {
        if folder.is_dir() {
            index.add_folder(folder)?;
        }
    }
    if index.images.is_empty() && index.masks.is_empty() {
        return Err(DataError::NoUnsFiles {
            path: dir.to_owned(),
            extensions: extensions().collect(),
        });
    }
    // the table next to the images wins
    let rows = [&train, dir]
        .into_iter()
        .map(|folder| folder.join("train_masks.csv"))
        .find(|path| path.is_file())
        .map_or_else(MaskRows::default, |path| read_mask_rows(&path));
    Ok(index.into_scan(dir, rows, &reader))
}

/// Files by case; a case with two files of one kind is in `ambiguous` and dropped.
#[derive(Debug, Default)]
struct Index {
    images: BTreeMap<CaseId, PathBuf>,
    masks: BTreeMap<CaseId, PathBuf>,
    ambiguous: BTreeSet<CaseId>,
    defects: Vec<DataError>,
}

impl Index {
    fn add_folder(&mut self, folder: &Path) -> Result<()> {
        for path in list(folder)? {
            let (files, case_id) = match FileRole::of(&path) {
                FileRole::Image(case_id) => (&mut self.images, case_id),
                FileRole::Mask(case_id) => (&mut self.masks, case_id),
                FileRole::Misnamed => {
                    self.defects.push(DataError::BadName { path });
                    continue;
                }
                FileRole::Other => continue,
            };
            if let Some(first) = files.get(&case_id) {
                self.defects.push(DataError::DuplicateFile {
                    case_id,
                    first: first.clone(),
                    second: path,
                });
                self.ambiguous.insert(case_id);
            } else {
                files.insert(case_id, path);
            }
        }
        Ok(())
    }

    fn into_scan(self, dir: &Path, rows: MaskRows, reader: &Arc<Reader>) -> Scan {
        let Self {
            images,
            mut masks,
            ambiguous,
            mut defects,
        } = self;
        let MaskRows {
            mut rows,
            defects: row_defects,
            is_unreadable,
        } = rows;
        defects.extend(row_defects);
        let sites = Sites::load(dir.join(Sites::FILE)).unwrap_or_else(|defect| {
            defects.push(defect);
            Sites::default()
        });
        let seen = Arc::new(Seen::default());
        let deep = DeepFrames::new(images.values().cloned().collect());
        let (mut cases, mut test_frames) = (Vec::new(), Vec::new());
        for (case_id, image_path) in images {
            let mask_path = masks.remove(&case_id);
            let row = rows.remove(&case_id);
            if ambiguous.contains(&case_id) {
                continue;
            }
            let (entries, mask) = match (case_id.subject_id, mask_path, row) {
                (None, _, _) => (&mut test_frames, MaskSource::Missing),
                (Some(_), Some(path), _) => (&mut cases, MaskSource::File(path)),
                (Some(_), None, Some(row)) => (&mut cases, MaskSource::Row(row)),
                // its mask may be in the table, which is a defect of its own
                (Some(_), None, None) if is_unreadable => continue,
                (Some(_), None, None) => {
                    defects.push(DataError::OrphanImage {
                        case_id,
                        path: image_path,
                    });
                    continue;
                }
            };
            entries.push(CaseEntry {
                case_id,
                image_path,
                mask,
                reader: Arc::clone(reader),
                deep: Arc::clone(&deep),
                seen: Arc::clone(&seen),
            });
        }
        defects.extend(
            masks
                .into_iter()
                .filter(|(case_id, _)| !ambiguous.contains(case_id))
                .map(|(case_id, path)| DataError::OrphanMask { case_id, path }),
        );
        let dataset = Dataset {
            root: dir.to_owned(),
            cases,
            test_frames,
            rows_without_image: rows.len(),
            deep,
            seen,
            sites: Arc::new(sites),
        };
        Scan { dataset, defects }
    }
}

/// Files of a folder in the order of their names, so that defects come in a stable order.
fn list(folder: &Path) -> Result<Vec<PathBuf>> {
    let list = || {
        let mut files = Vec::new();
        for entry in fs::read_dir(folder)? {
            let path = entry?.path();
            if !path.is_dir() {
                files.push(path);
            }
        }
        files.sort_unstable();
        Ok(files)
    };
    list().map_err(|source| DataError::ReadFolder {
        path: folder.to_owned(),
        source,
    })
}
