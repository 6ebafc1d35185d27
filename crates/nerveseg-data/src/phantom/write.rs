//! A phantom set as files, exactly as the training set of UNS is laid out.

use std::fs;
use std::io::{ErrorKind, Write as _};
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};

use image::GrayImage;
use rayon::prelude::*;

use super::Phantom;
use crate::{CaseId, DataError, Mask, Progress, Result, rle, write_atomic, write_gray_tiff};

impl Phantom {
    /// Writes `train/S_N.tif`, `train/S_N_mask.tif`, `train_masks.csv` and `test/N.tif` under `dir`.
    ///
    /// Frames are written in parallel; `progress` hears the number of frames done after each, from
    /// any thread.
    ///
    /// # Errors
    ///
    /// [`DataError::FolderNotEmpty`] if `dir` holds anything, [`DataError::ReadFolder`] or
    /// [`DataError::WriteFile`] if the system refuses.
    pub fn write(&self, dir: impl AsRef<Path>, progress: Progress<'_>) -> Result<()> {
        let dir = dir.as_ref();
        create_empty(dir)?;
        let (train, test) = (dir.join("train"), dir.join("test"));
        claim(&train, dir)?;
        if self.config.test_frames > 0 {
            create(&test)?;
        }
        let done = AtomicUsize::new(0);
        let advance = || progress(done.fetch_add(1, Ordering::Relaxed) + 1);

        let case_ids: Vec<CaseId> = self.case_ids().collect();
        let rows: Vec<String> = case_ids
            .into_par_iter()
            .map(|case_id| {
                let row = self.write_case(case_id, &train)?;
                advance();
                Ok(row)
            })
            .collect::<Result<_>>()?;
        (1..=self.config.test_frames)
            .into_par_iter()
            .try_for_each(|image_num| {
                let case = self.test_case(image_num);
                write_gray_tiff(test.join(format!("{image_num}.tif")), &case.frame.pixels)?;
                advance();
                Ok(())
            })?;
        // last, so that its presence means the set is complete
        write_atomic(dir.join("train_masks.csv"), |writer| {
            writeln!(writer, "subject,img,pixels")?;
            rows.iter().try_for_each(|row| writeln!(writer, "{row}"))
        })
    }

    /// Number of frames [`write`](Self::write) writes, for a progress bar.
    pub fn frame_count(&self) -> usize {
        let train = self.config.subjects as usize * self.config.frames_per_subject as usize;
        train + self.config.test_frames as usize
    }

    /// Writes image and mask; returns the row of `train_masks.csv`.
    fn write_case(&self, case_id: CaseId, train: &Path) -> Result<String> {
        let subject = case_id.subject_id.unwrap_or_default();
        let (image, mask) = self.frame(subject - 1, case_id.image_num - 1);
        write_gray_tiff(train.join(format!("{case_id}.tif")), &image)?;
        write_gray_tiff(
            train.join(format!("{case_id}_mask.tif")),
            &mask_image(&mask),
        )?;
        Ok(format!(
            "{subject},{},{}",
            case_id.image_num,
            rle::encode(mask.view())
        ))
    }
}

fn mask_image(mask: &Mask) -> GrayImage {
    let (height, width) = mask.dim();
    GrayImage::from_fn(width as u32, height as u32, |x, y| {
        image::Luma([u8::from(mask[[y as usize, x as usize]]) * 255])
    })
}

fn create(dir: &Path) -> Result<()> {
    fs::create_dir_all(dir).map_err(|source| DataError::WriteFile {
        path: dir.to_owned(),
        source,
    })
}

/// Makes `train` in `dir`, of which a second process that found `dir` empty is not capable.
fn claim(train: &Path, dir: &Path) -> Result<()> {
    fs::create_dir(train).map_err(|source| match source.kind() {
        ErrorKind::AlreadyExists => DataError::FolderNotEmpty {
            path: dir.to_owned(),
        },
        _ => DataError::WriteFile {
            path: train.to_owned(),
            source,
        },
    })
}

fn create_empty(dir: &Path) -> Result<()> {
    create(dir)?;
    let mut entries = fs::read_dir(dir).map_err(|source| DataError::ReadFolder {
        path: dir.to_owned(),
        source,
    })?;
    if entries.next().is_some() {
        return Err(DataError::FolderNotEmpty {
            path: dir.to_owned(),
        });
    }
    Ok(())
}
