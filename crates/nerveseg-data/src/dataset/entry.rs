//! One case of a folder by name: where its image is, and where its mask comes from.

use std::path::PathBuf;

use super::masks_csv::MaskRow;
use crate::read::read_image_size;
use crate::{Case, CaseId, DataError, Mask, Result, read_image, read_mask};

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
            frame: image.into(),
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
