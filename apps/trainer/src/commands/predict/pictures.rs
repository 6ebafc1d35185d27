//! The pictures that `nerveseg predict` writes of a frame.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use image::codecs::png::{CompressionType, FilterType, PngEncoder};
use image::{DynamicImage, GrayImage};
use nerveseg_data::AtomicBatch;
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

    /// Paints and encodes them.
    pub(super) fn paint(&self, image: &GrayImage, segmentation: &Segmentation) -> Result<Encoded> {
        let paint = Paint {
            colour: PREDICTION,
            fill: 0.3,
        };
        let painted = overlay(image, &[(segmentation.mask.view(), paint)]);
        let overlay = captioned(&painted, segmentation);
        let (mask, probability) = (segmentation.mask_image(), segmentation.probability_image());
        Ok(Encoded {
            mask: encode(&self.mask, mask, FilterType::Up)?,
            overlay: encode(&self.overlay, overlay, FilterType::Paeth)?,
            probability: encode(&self.probability, probability, FilterType::Paeth)?,
        })
    }

    /// Writes them; `files` waits for the disk.
    pub(super) fn write(
        &self,
        encoded: &Encoded,
        overwrite: Overwrite,
        files: &mut AtomicBatch,
    ) -> Result<()> {
        make_folder(self.mask.parent().unwrap_or(Path::new(".")))?;
        overwrite.write_in(files, &self.mask, &encoded.mask)?;
        overwrite.write_in(files, &self.overlay, &encoded.overlay)?;
        overwrite.write_in(files, &self.probability, &encoded.probability)
    }
}

/// The pictures of one frame as PNG.
pub(super) struct Encoded {
    mask: Vec<u8>,
    overlay: Vec<u8>,
    probability: Vec<u8>,
}

/// A file as small as with a filter chosen for each row, in less time.
fn encode(path: &Path, picture: impl Into<DynamicImage>, filter: FilterType) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let encoder = PngEncoder::new_with_quality(&mut bytes, CompressionType::Fast, filter);
    picture
        .into()
        .write_with_encoder(encoder)
        .with_context(|| format!("cannot encode `{}`", path.display()))?;
    Ok(bytes)
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
