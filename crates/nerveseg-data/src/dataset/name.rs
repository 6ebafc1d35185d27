//! File names of the UNS layout.

use std::path::Path;

use crate::{CaseId, FileKind};

/// What a file is, going by its name alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum FileRole {
    /// `S_N.EXT` or `N.EXT`.
    Image(CaseId),
    /// `S_N_mask.EXT`.
    Mask(CaseId),
    /// An image extension under a name that is none of the above.
    Misnamed,
    /// Not an image: `Thumbs.db`, `train_masks.csv`, hidden files, and what a prediction wrote.
    Other,
}

impl FileRole {
    pub(super) fn of(path: &Path) -> Self {
        let is_mask = match FileKind::of(path) {
            FileKind::Frame => false,
            FileKind::Mask => true,
            FileKind::Prediction | FileKind::Hidden | FileKind::Other => return Self::Other,
        };
        let Some(stem) = path.file_stem().and_then(|stem| stem.to_str()) else {
            return Self::Misnamed;
        };
        let name = match stem.rsplit_once('_') {
            Some((name, _)) if is_mask => name,
            _ => stem,
        };
        match (name.parse::<CaseId>(), is_mask) {
            (Ok(case_id), false) => Self::Image(case_id),
            (Ok(case_id), true) if case_id.subject_id.is_some() => Self::Mask(case_id),
            _ => Self::Misnamed,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn role(name: &str) -> FileRole {
        FileRole::of(Path::new(name))
    }

    fn id(text: &str) -> CaseId {
        text.parse().unwrap()
    }

    #[test]
    fn names_of_the_layout_parse_in_any_case() {
        assert_eq!(role("a/47_120.tif"), FileRole::Image(id("47_120")));
        assert_eq!(role("47_120.TIFF"), FileRole::Image(id("47_120")));
        assert_eq!(role("3_4.dcm"), FileRole::Image(id("3_4")));
        assert_eq!(role("5508.Jpg"), FileRole::Image(id("5508")));
        assert_eq!(role("1_2_mask.PNG"), FileRole::Mask(id("1_2")));
        assert_eq!(role("1_2_MASK.bmp"), FileRole::Mask(id("1_2")));
    }

    #[test]
    fn other_files_are_ignored() {
        for name in [
            "Thumbs.db",
            "train_masks.csv",
            "README",
            "._1_2.tif",
            ".DS_Store",
            "1_2.json",
            "1_2.tif.nerve-mask.png",
            "1_2.nerve-overlay.png",
        ] {
            assert_eq!(role(name), FileRole::Other, "{name}");
        }
    }

    #[test]
    fn image_extension_with_another_name_is_misnamed() {
        for name in [
            "scan.png",
            "1_2_3.tif",
            "1_2_masks.tif",
            "7_mask.tif",
            "_2.tif",
            "1_.tif",
            "+1_2.tif",
            "1_-2.tif",
            "1 2.tif",
            "1_2 (copy).tif",
            "99999999999_1.tif",
        ] {
            assert_eq!(role(name), FileRole::Misnamed, "{name}");
        }
    }
}
