//! The pictures that `nerveseg predict` writes of an image.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use image::{DynamicImage, GrayImage, ImageFormat};
use nerveseg_data::write_atomic_bytes;
use nerveseg_model::Segmentation;
use nerveseg_model::overlay::{PREDICTION, Paint, overlay};

/// Where the pictures of one image go.
pub(super) struct Pictures {
    pub(super) mask: PathBuf,
    pub(super) overlay: PathBuf,
    probability: PathBuf,
}

impl Pictures {
    /// Names them after the image.
    pub(super) fn new(folder: &Path, stem: &str) -> Self {
        let file = |what: &str| folder.join(format!("{stem}_{what}.png"));
        Self {
            mask: file("mask"),
            overlay: file("overlay"),
            probability: file("probability"),
        }
    }

    /// Paints and writes them.
    pub(super) fn write(&self, image: &GrayImage, segmentation: &Segmentation) -> Result<()> {
        let paint = Paint {
            colour: PREDICTION,
            fill: 0.3,
        };
        let painted = overlay(image, &[(segmentation.mask.view(), paint)]);
        save(&self.mask, segmentation.mask_image().into())?;
        save(&self.overlay, painted.into())?;
        save(&self.probability, segmentation.probability_image().into())
    }
}

fn save(path: &Path, picture: DynamicImage) -> Result<()> {
    let mut bytes = std::io::Cursor::new(Vec::new());
    picture
        .write_to(&mut bytes, ImageFormat::Png)
        .with_context(|| format!("cannot encode `{}`", path.display()))?;
    Ok(write_atomic_bytes(path, bytes.get_ref())?)
}
