//! The pictures that `nerveseg predict` writes of a frame.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use image::{DynamicImage, GrayImage, ImageFormat};
use nerveseg_data::file_kind::Picture;
use nerveseg_model::Segmentation;
use nerveseg_model::overlay::{PREDICTION, Paint, captioned, overlay};

use crate::outputs::{Overwrite, make_folder};

/// Where the pictures of one frame go.
pub(super) struct Pictures {
    pub(super) mask: PathBuf,
    pub(super) overlay: PathBuf,
    probability: PathBuf,
}

impl Pictures {
    /// Names them after the frame.
    pub(super) fn new(folder: &Path, frame: &Path) -> Self {
        let frame = folder.join(frame).into_os_string();
        let file = |picture: Picture| PathBuf::from(picture.file_name(frame.clone()));
        Self {
            mask: file(Picture::Mask),
            overlay: file(Picture::Overlay),
            probability: file(Picture::Probability),
        }
    }

    /// Whether all of them are there.
    pub(super) fn exist(&self) -> bool {
        let all = [&self.mask, &self.overlay, &self.probability];
        all.into_iter().all(|picture| picture.is_file())
    }

    /// Paints and writes them.
    pub(super) fn write(
        &self,
        image: &GrayImage,
        segmentation: &Segmentation,
        overwrite: Overwrite,
    ) -> Result<()> {
        let paint = Paint {
            colour: PREDICTION,
            fill: 0.3,
        };
        let painted = overlay(image, &[(segmentation.mask.view(), paint)]);
        make_folder(self.mask.parent().unwrap_or(Path::new(".")))?;
        let save = |path: &Path, picture| save(path, picture, overwrite);
        save(&self.mask, segmentation.mask_image().into())?;
        save(&self.overlay, captioned(&painted, segmentation).into())?;
        save(&self.probability, segmentation.probability_image().into())
    }
}

fn save(path: &Path, picture: DynamicImage, overwrite: Overwrite) -> Result<()> {
    let mut bytes = std::io::Cursor::new(Vec::new());
    picture
        .write_to(&mut bytes, ImageFormat::Png)
        .with_context(|| format!("cannot encode `{}`", path.display()))?;
    overwrite.write(path, bytes.get_ref())
}

/// Between the name of a file with many frames and the number of one.
const FRAME: &str = "_frame-";

/// What the answer about a frame is called: the file's name, and the frame's number if it has many.
pub(super) fn frame_name(file: &Path, frame: u32, count: u32) -> PathBuf {
    let mut name = OsString::from(file);
    if count > 1 {
        name.push(format!("{FRAME}{frame:04}"));
    }
    name.into()
}

/// The file of which `name` may be a frame, as [`frame_name`] called it.
pub(super) fn file_of_frame(name: &str) -> &str {
    match name.rsplit_once(FRAME) {
        Some((file, number)) if number.parse::<u32>().is_ok() => file,
        _ => name,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_frame_of_many_has_its_number_in_its_name() {
        let name = |frame, count| frame_name(Path::new("P01/clip.dcm"), frame, count);

        assert_eq!(name(0, 1), Path::new("P01/clip.dcm"));
        assert_eq!(name(3, 12), Path::new("P01/clip.dcm_frame-0003"));
        assert_eq!(file_of_frame("clip.dcm_frame-0003"), "clip.dcm");
        assert_eq!(file_of_frame("a_frame-of.png"), "a_frame-of.png");
    }
}
