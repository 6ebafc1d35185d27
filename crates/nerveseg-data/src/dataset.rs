//! The cases of a folder, by name; pixels are read when asked for.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use crate::masks_csv::MaskRow;
use crate::parallel::try_map;
use crate::read::read_image_size;
use crate::split::SubjectStats;
use crate::{Case, CaseId, DataError, Mask, Result, Scan, fingerprint, read_image, read_mask};

/// Called with the number of cases done so far, from many threads; `&|_| {}` to not care.
pub type Progress<'a> = &'a (dyn Fn(usize) + Sync);

/// Where the mask of a case comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MaskSource {
    /// A file with values 0 and 255.
    File(PathBuf),
    /// A row of `train_masks.csv`.
    Row(MaskRow),
    /// Nowhere: a frame of the test set.
    Missing,
}

/// One case by name, not yet read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CaseEntry {
    /// Name of the case.
    pub case_id: CaseId,
    /// File of the image.
    pub image_path: PathBuf,
    /// Where the mask comes from.
    pub mask: MaskSource,
}

impl CaseEntry {
    /// Reads image and mask and checks that they fit each other.
    ///
    /// # Errors
    ///
    /// A file that cannot be read as [`read_image`] and [`read_mask`] say, or
    /// [`DataError::GeometryMismatch`].
    pub fn load(&self) -> Result<Case> {
        let image = read_image(&self.image_path)?;
        let size = [image.height(), image.width()];
        let mask = self.read_mask(|| Ok(size))?;
        if let (Some(mask), MaskSource::File(mask_path)) = (&mask, &self.mask) {
            let (height, width) = mask.dim();
            if [height as u32, width as u32] != size {
                return Err(DataError::GeometryMismatch {
                    case_id: self.case_id,
                    image_path: self.image_path.clone(),
                    mask_path: mask_path.clone(),
                    image: size,
                    mask: [height as u32, width as u32],
                });
            }
        }
        Ok(Case {
            case_id: self.case_id,
            image,
            mask,
        })
    }

    /// Reads the mask alone, `None` for a frame of the test set.
    ///
    /// # Errors
    ///
    /// As [`CaseEntry::load`], without the check of sizes.
    pub fn load_mask(&self) -> Result<Option<Mask>> {
        self.read_mask(|| read_image_size(&self.image_path))
    }

    /// Whether the mask holds any nerve, `None` for a frame of the test set.
    ///
    /// # Errors
    ///
    /// As [`read_mask`].
    pub fn is_positive(&self) -> Result<Option<bool>> {
        match &self.mask {
            MaskSource::File(path) => Ok(Some(read_mask(path)?.iter().any(|&set| set))),
            MaskSource::Row(row) => Ok(Some(!row.runs.is_empty())),
            MaskSource::Missing => Ok(None),
        }
    }

    fn read_mask(&self, size: impl FnOnce() -> Result<[u32; 2]>) -> Result<Option<Mask>> {
        match &self.mask {
            MaskSource::File(path) => read_mask(path).map(Some),
            MaskSource::Row(row) => {
                row.runs
                    .to_mask(size()?)
                    .map(Some)
                    .map_err(|source| DataError::CsvRuns {
                        path: row.path.to_path_buf(),
                        line: row.line,
                        case_id: self.case_id,
                        source,
                    })
            }
            MaskSource::Missing => Ok(None),
        }
    }
}

/// The cases of a UNS folder, in natural order; see the crate's front page for the layout.
#[derive(Clone, Debug)]
pub struct Dataset {
    pub(crate) root: PathBuf,
    pub(crate) cases: Vec<CaseEntry>,
    pub(crate) test_frames: Vec<CaseEntry>,
    pub(crate) rows_without_image: usize,
}

impl Dataset {
    /// Lists a UNS folder, or a folder that holds `train/` and `test/`; no pixel is read.
    ///
    /// # Errors
    ///
    /// The first defect that [`Dataset::scan`] finds.
    pub fn open(dir: impl AsRef<Path>) -> Result<Self> {
        let Scan { dataset, defects } = Self::scan(dir)?;
        defects.into_iter().next().map_or(Ok(dataset), Err)
    }

    /// Lists a folder as [`Dataset::open`] does, keeping what is good and naming every defect.
    ///
    /// Names and `train_masks.csv` are checked here, pixels by [`Scan::verify`].
    ///
    /// # Errors
    ///
    /// Only a folder that cannot be listed, or that holds no UNS file at all.
    pub fn scan(dir: impl AsRef<Path>) -> Result<Scan> {
        crate::scan::scan(dir.as_ref())
    }

    /// Folder that was opened.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// Cases with a mask, by subject, then by number.
    pub fn cases(&self) -> &[CaseEntry] {
        &self.cases
    }

    /// Frames of the test set, by number; they have no mask.
    pub fn test_frames(&self) -> &[CaseEntry] {
        &self.test_frames
    }

    /// Rows of `train_masks.csv` whose image is not here; normal for a subset.
    pub fn rows_without_image(&self) -> usize {
        self.rows_without_image
    }

    /// Persons scanned, rising.
    pub fn subjects(&self) -> Vec<u32> {
        let subjects: BTreeSet<u32> = self
            .cases
            .iter()
            .filter_map(|entry| entry.case_id.subject_id)
            .collect();
        subjects.into_iter().collect()
    }

    /// Entry of one case or test frame.
    pub fn get(&self, case_id: CaseId) -> Option<&CaseEntry> {
        let entries = match case_id.subject_id {
            Some(_) => &self.cases,
            None => &self.test_frames,
        };
        let index = entries
            .binary_search_by_key(&case_id, |entry| entry.case_id)
            .ok()?;
        Some(&entries[index])
    }

    /// The dataset of these cases (and test frames) alone, in natural order.
    ///
    /// # Errors
    ///
    /// [`DataError::UnknownCase`] for a case that is not here.
    pub fn select(&self, case_ids: &[CaseId]) -> Result<Self> {
        if let Some(&case_id) = case_ids
            .iter()
            .find(|&&case_id| self.get(case_id).is_none())
        {
            return Err(DataError::UnknownCase {
                case_id,
                root: self.root.clone(),
            });
        }
        let wanted: BTreeSet<CaseId> = case_ids.iter().copied().collect();
        Ok(self.filter(|entry| wanted.contains(&entry.case_id)))
    }

    /// The dataset of the cases and test frames that `keep` approves of.
    #[must_use]
    pub fn filter(&self, keep: impl Fn(&CaseEntry) -> bool) -> Self {
        let kept = |entries: &[CaseEntry]| {
            entries
                .iter()
                .filter(|&entry| keep(entry))
                .cloned()
                .collect()
        };
        Self {
            root: self.root.clone(),
            cases: kept(&self.cases),
            test_frames: kept(&self.test_frames),
            rows_without_image: self.rows_without_image,
        }
    }

    /// Reads all cases with a mask, in order, on all cores.
    ///
    /// The full UNS set takes 2.7 GB; [`Dataset::par_load`] keeps only what is needed.
    ///
    /// # Errors
    ///
    /// That of the first case, in order, that cannot be loaded.
    pub fn load_all(&self, progress: Progress<'_>) -> Result<Vec<Case>> {
        self.par_load(|case| case, progress)
    }

    /// Reads all cases with a mask on all cores and maps each where it was read; keeps the order.
    ///
    /// # Errors
    ///
    /// That of the first case, in order, that cannot be loaded.
    pub fn par_load<T: Send>(
        &self,
        map: impl Fn(Case) -> T + Sync,
        progress: Progress<'_>,
    ) -> Result<Vec<T>> {
        try_map(&self.cases, |entry| entry.load().map(&map), progress)
    }

    /// Counts the cases and the positive ones of every subject, by subject; reads masks only.
    ///
    /// # Errors
    ///
    /// That of the first mask, in order, that cannot be read.
    pub fn subject_stats(&self, progress: Progress<'_>) -> Result<Vec<SubjectStats>> {
        let positive = try_map(&self.cases, CaseEntry::is_positive, progress)?;
        let mut counts = BTreeMap::<u32, (usize, usize)>::new();
        for (entry, positive) in self.cases.iter().zip(positive) {
            if let Some(subject_id) = entry.case_id.subject_id {
                let (cases, positives) = counts.entry(subject_id).or_default();
                *cases += 1;
                *positives += usize::from(positive == Some(true));
            }
        }
        Ok(counts
            .into_iter()
            .map(|(subject_id, (cases, positives))| SubjectStats {
                subject_id,
                cases,
                positives,
            })
            .collect())
    }

    /// SHA-256, as hex, that names the content of the cases with a mask.
    ///
    /// It is the hash of one line per case in natural order, ``{case_id} {image} {mask}\n``, where
    /// `image` and `mask` are the SHA-256 of the two files as hex. For a mask from
    /// `train_masks.csv` it is the SHA-256 of the run list, numbers separated by single spaces.
    /// Folder names, extensions, file times and the test set do not count.
    ///
    /// # Errors
    ///
    /// [`DataError::ReadFile`] for the first file, in order, that cannot be read.
    pub fn fingerprint(&self, progress: Progress<'_>) -> Result<String> {
        fingerprint::fingerprint(&self.cases, progress)
    }
}
