//! What is said about one frame, and why nothing is said about another.

use std::path::Path;

use nerveseg_data::mask::Component;
use nerveseg_data::{Frame, rle};
use nerveseg_model::{PresenceState, Segmentation};
use serde::{Deserialize, Serialize};

use super::pictures::Pictures;

/// What is said about one frame. `columns` says how it is written; it is read back from its JSON.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub(super) struct Row {
    pub(super) image: String,
    pub(super) frame: u32,
    pub(super) frames: u32,
    pub(super) width: usize,
    pub(super) height: usize,
    pub(super) presence: f32,
    pub(super) state: PresenceState,
    pub(super) objection: Option<String>,
    pub(super) nerve_found: bool,
    pub(super) area_px: usize,
    pub(super) area_mm2: Option<f64>,
    pub(super) components: usize,
    pub(super) centroid: Option<[f64; 2]>,
    pub(super) rle: String,
    pub(super) mask: String,
    pub(super) overlay: String,
    pub(super) model: String,
    pub(super) name: String,
    pub(super) sha256: Option<String>,
    pub(super) region: u32,
    pub(super) regions: u32,
}

/// Where a frame comes from, and what answers about it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Origin<'a> {
    pub(super) image: &'a Path,
    /// Place of the file's answers below the folder for them.
    pub(super) name: &'a Path,
    /// Digest of the file.
    pub(super) sha256: Option<&'a str>,
    /// Digest of the model and its settings.
    pub(super) model: &'a str,
}

impl Row {
    pub(super) fn new(
        origin: Origin<'_>,
        frame: &Frame,
        found: &Segmentation,
        pictures: &Pictures,
    ) -> Self {
        Self {
            image: text(origin.image),
            frame: frame.index,
            frames: frame.count,
            width: found.mask.ncols(),
            height: found.mask.nrows(),
            presence: found.presence,
            state: found.presence_state,
            objection: found.objection.clone(),
            nerve_found: found.presence_state == PresenceState::Nerve && found.is_ultrasound(),
            area_px: found.area_px,
            area_mm2: found.area_mm2,
            components: found.components.len(),
            centroid: Component::largest(&found.components).map(|region| region.centroid),
            rle: rle::encode(found.mask.view()).to_string(),
            mask: text(&pictures.mask),
            overlay: text(&pictures.overlay),
            model: origin.model.to_owned(),
            name: key(origin.name),
            sha256: origin.sha256.map(str::to_owned),
            region: frame.region,
            regions: frame.regions,
        }
    }
}

/// A frame, or a file, about which nothing can be said.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(super) struct Failure {
    pub(super) image: String,
    pub(super) frame: u32,
    pub(super) error: String,
}

impl Failure {
    pub(super) fn new(image: &Path, frame: u32, error: &anyhow::Error) -> Self {
        Self {
            image: text(image),
            frame,
            error: format!("{error:#}"),
        }
    }

    /// Of a frame whose answer cannot be written.
    pub(super) fn of(row: &Row, error: &anyhow::Error) -> Self {
        Self {
            image: row.image.clone(),
            frame: row.frame,
            error: format!("{error:#}"),
        }
    }
}

/// What answers about a file are found by, the same on every system.
pub(super) fn key(name: &Path) -> String {
    let parts: Vec<_> = name.iter().map(|part| part.to_string_lossy()).collect();
    parts.join("/")
}

fn text(path: &Path) -> String {
    path.display().to_string()
}

#[cfg(test)]
mod tests {
    use image::GrayImage;
    use ndarray::Array2;

    use super::*;

    fn row(state: PresenceState, objection: Option<&str>) -> Row {
        let region = |area_px, centroid| Component {
            area_px,
            centroid,
            bounding_box: [0, 0, 2, 3],
        };
        let found = Segmentation {
            probabilities: Array2::zeros((2, 3)),
            mask: Array2::from_elem((2, 3), true),
            presence: 0.5,
            presence_state: state,
            objection: objection.map(str::to_owned),
            area_px: 4,
            area_mm2: None,
            components: vec![region(2, [0.0, 0.5]), region(2, [1.0, 1.5])],
        };
        let path = Path::new("x.png");
        let origin = Origin {
            image: path,
            name: path,
            sha256: None,
            model: "",
        };
        let frame = Frame::new(GrayImage::new(3, 2));
        Row::new(origin, &frame, &found, &Pictures::new(path, path))
    }

    #[test]
    fn a_nerve_is_found_only_for_sure_and_in_ultrasound() {
        for (state, objection, found) in [
            (PresenceState::Nerve, None, true),
            (PresenceState::Nerve, Some("it has colours"), false),
            (PresenceState::Unsure, None, false),
            (PresenceState::Unsure, Some("it has colours"), false),
            (PresenceState::NoNerve, None, false),
        ] {
            assert_eq!(
                row(state, objection).nerve_found,
                found,
                "{state:?} {objection:?}"
            );
        }
    }

    #[test]
    fn the_middle_is_that_of_the_first_of_equal_regions() {
        assert_eq!(row(PresenceState::Nerve, None).centroid, Some([0.0, 0.5]));
    }
}
