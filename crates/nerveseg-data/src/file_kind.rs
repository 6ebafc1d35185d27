//! What a file is, going by its name alone: the one rule by which inputs are told from masks and from
//! what a prediction wrote.

use std::ffi::OsString;
use std::path::Path;

use crate::has_image_extension;

/// What a file is, going by its name alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FileKind {
    /// An image extension under any name that is none of those below.
    Frame,
    /// `NAME_mask.EXT`, in any case.
    Mask,
    /// What a prediction wrote: [`Picture::file_name`], [`TABLE`] and [`JOURNAL`].
    Prediction,
    /// A name that begins with a dot, such as `._NAME.png`.
    Hidden,
    /// Anything else.
    Other,
}

/// The table of a prediction.
pub const TABLE: &str = "predictions.csv";
/// What a prediction has finished so far, one JSON object a line.
pub const JOURNAL: &str = "predictions.jsonl";

/// A picture that a prediction writes of a frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Picture {
    /// The mask, 0 and 255.
    Mask,
    /// The mask on the image.
    Overlay,
    /// The probability of every pixel.
    Probability,
}

impl Picture {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Mask, Self::Overlay, Self::Probability];

    /// How the names of such pictures end.
    const fn suffix(self) -> &'static str {
        match self {
            Self::Mask => ".nerve-mask.png",
            Self::Overlay => ".nerve-overlay.png",
            Self::Probability => ".nerve-probability.png",
        }
    }

    /// Name of the picture of `frame`, which no rule takes for an input.
    pub fn file_name(self, frame: impl Into<OsString>) -> OsString {
        let mut name = frame.into();
        name.push(self.suffix());
        name
    }

    /// Name of the frame of which a file is a picture, if its name says so.
    pub fn frame_of(path: &Path) -> Option<&str> {
        let name = path.file_name()?.to_str()?;
        Self::ALL
            .into_iter()
            .find_map(|picture| name.strip_suffix(picture.suffix()))
    }
}

impl FileKind {
    /// Looks at the name.
    pub fn of(path: &Path) -> Self {
        let name = path.file_name().unwrap_or_default().as_encoded_bytes();
        let stem = path.file_stem().unwrap_or_default().as_encoded_bytes();
        let is_picture = |picture: Picture| ends_with(name, picture.suffix());
        let is_table = |table: &str| name.eq_ignore_ascii_case(table.as_bytes());
        let is_written =
            Picture::ALL.into_iter().any(is_picture) || is_table(TABLE) || is_table(JOURNAL);
        if name.starts_with(b".") {
            Self::Hidden
        } else if is_written {
            Self::Prediction
        } else if !has_image_extension(path) {
            Self::Other
        } else if ends_with(stem, "_mask") {
            Self::Mask
        } else {
            Self::Frame
        }
    }
}

/// Whether a name ends so, in any case.
fn ends_with(name: &[u8], suffix: &str) -> bool {
    let start = name.len().saturating_sub(suffix.len());
    name[start..].eq_ignore_ascii_case(suffix.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_says_what_a_file_is() {
        for (name, kind) in [
            ("a/1_2.tif", FileKind::Frame),
            ("scan.DCM", FileKind::Frame),
            ("_mask_of_zorro.png", FileKind::Frame),
            ("1_2_mask.png", FileKind::Mask),
            ("X_MASK.PNG", FileKind::Mask),
            ("._x.png", FileKind::Hidden),
            (".x_mask.png", FileKind::Hidden),
            ("x.nerve-mask.png", FileKind::Prediction),
            ("X.PNG.NERVE-OVERLAY.PNG", FileKind::Prediction),
            ("predictions.csv", FileKind::Prediction),
            ("Predictions.jsonl", FileKind::Prediction),
            ("train_masks.csv", FileKind::Other),
            ("mask", FileKind::Other),
            ("", FileKind::Other),
        ] {
            assert_eq!(FileKind::of(Path::new(name)), kind, "{name}");
        }
    }

    #[test]
    fn a_picture_of_any_frame_is_no_input_and_leads_back_to_it() {
        for picture in Picture::ALL {
            for frame in ["1_2.tif", "1_2", "x_mask.png", "clip.dcm_frame-0003"] {
                let name = picture.file_name(frame);

                let path = Path::new(&name);
                assert_eq!(FileKind::of(path), FileKind::Prediction);
                assert_eq!(Picture::frame_of(path), Some(frame));
            }
        }
    }
}
