//! One case of a folder by name: where its image is, and where its mask comes from.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::deep::DeepFrames;
use super::masks_csv::MaskRow;
use super::seen::Seen;
use crate::{Case, CaseId, DataError, Frame, Mask, MaskValues, Reader, Result};

/// Where the mask of a case comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MaskSource {
    /// A file with two values.
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
    /// How files are read.
    pub(super) reader: Arc<Reader>,
    /// The other frames of the folder, for those whose depth they say.
    pub(super) deep: Arc<DeepFrames>,
    /// What is seen of the files of the folder that are read.
    pub(super) seen: Arc<Seen>,
}

impl CaseEntry {
    /// Reads image and mask and checks that they fit each other.
    ///
    /// # Errors
    ///
    /// A file that cannot be read as [`Reader::read`] and [`Reader::read_mask`] say, or
    /// [`DataError::GeometryMismatch`].
    pub fn load(&self) -> Result<Case> {
        self.load_seeing(&mut |_| {})
    }

    /// As [`CaseEntry::load`]; `see` is called with the bytes of the image's file, then with those
    /// of the mask's, if there is one.
    pub(crate) fn load_seeing(&self, see: &mut dyn FnMut(&[u8])) -> Result<Case> {
        Ok(self.load_with_values(see)?.0)
    }

    /// As [`CaseEntry::load_seeing`], and which value was taken for the nerve.
    pub(crate) fn load_with_values(
        &self,
        see: &mut dyn FnMut(&[u8]),
    ) -> Result<(Case, MaskValues)> {
        let bytes = self.reader.load(&self.image_path)?;
        let frame = self.decode_frame(&bytes)?;
        see(&bytes);
        drop(bytes);
        let size = [frame.pixels.height(), frame.pixels.width()];
        let mut values = MaskValues::Plain;
        let mask = match &self.mask {
            MaskSource::File(path) => {
                let bytes = self.reader.load(path)?;
                let mask;
                (mask, values) = self.reader.decode_mask_values(&bytes, path)?;
                see(&bytes);
                self.check_geometry(size, &mask, path)?;
                Some(mask)
            }
            MaskSource::Row(row) => Some(self.row_mask(row, size)?),
            MaskSource::Missing => None,
        };
        if let Some(mask) = &mask {
            self.seen.mask(self.case_id, mask.view(), values);
        }
        let case = Case {
            case_id: self.case_id,
            frame,
            mask,
        };
        Ok((case, values))
    }

    /// Reads the image alone.
    ///
    /// # Errors
    ///
    /// As [`Reader::read`].
    pub(crate) fn load_frame(&self) -> Result<Frame> {
        self.decode_frame(&self.reader.load(&self.image_path)?)
    }

    fn decode_frame(&self, bytes: &[u8]) -> Result<Frame> {
        let path = &self.image_path;
        let frame = self.reader.decode(bytes, path, 0.into())?;
        self.seen.frame(&frame);
        let read = |bits| self.reader.decode_deep(bytes, path, 0.into(), bits);
        self.deep.agree(frame, &self.reader, read)
    }

    /// Reads the mask alone, `None` for a frame of the test set.
    ///
    /// # Errors
    ///
    /// As [`CaseEntry::load`], without the check of sizes.
    pub fn load_mask(&self) -> Result<Option<Mask>> {
        match &self.mask {
            MaskSource::File(path) => self.reader.read_mask(path).map(Some),
            MaskSource::Row(row) => {
                let size = self.reader.read_size(&self.image_path)?;
                self.row_mask(row, size).map(Some)
            }
            MaskSource::Missing => Ok(None),
        }
    }

    /// Whether the mask holds any nerve, `None` for a frame of the test set. A mask that was read
    /// before is not read again.
    ///
    /// # Errors
    ///
    /// As [`Reader::read_mask`].
    pub fn is_positive(&self) -> Result<Option<bool>> {
        match &self.mask {
            MaskSource::File(path) => Ok(Some(match self.seen.share(self.case_id) {
                Some(share) => share > 0.0,
                None => self.reader.read_mask(path)?.iter().any(|&set| set),
            })),
            MaskSource::Row(row) => Ok(Some(!row.runs.is_empty())),
            MaskSource::Missing => Ok(None),
        }
    }

    fn row_mask(&self, row: &MaskRow, size: [u32; 2]) -> Result<Mask> {
        row.runs.to_mask(size).map_err(|source| DataError::CsvRuns {
            path: row.path.to_path_buf(),
            line: row.line,
            case_id: self.case_id,
            source,
        })
    }

    fn check_geometry(&self, image: [u32; 2], mask: &Mask, mask_path: &Path) -> Result<()> {
        let (height, width) = mask.dim();
        let mask = [height as u32, width as u32];
        if mask != image {
            return Err(DataError::GeometryMismatch {
                case_id: self.case_id,
                image_path: self.image_path.clone(),
                mask_path: mask_path.to_owned(),
                image,
                mask,
            });
        }
        Ok(())
    }
}
