//! Small pictures of flagged frames with the outline of the mask, ready for an HTML page.

use std::fmt::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use image::codecs::jpeg::JpegEncoder;
use image::{ExtendedColorType, GrayImage, ImageEncoder as _, imageops};

use super::FramePair;
use crate::CaseId;
use crate::mask::{RowRuns, rings};

/// Width of a thumbnail, in pixels.
const WIDTH: u32 = 320;
/// JPEG quality, out of 100.
const QUALITY: u8 = 82;

/// One frame, small, and where its mask is.
#[derive(Clone, Debug)]
pub(super) struct FramePicture {
    pub case_id: CaseId,
    /// `[height, width]` of the frame, in pixels; the outline is in these coordinates.
    pub size: [u32; 2],
    /// The frame as a JPEG in a `data:` address.
    pub image: String,
    /// The edge of the mask as SVG path data; empty for an empty mask.
    pub outline: String,
    /// What the mask shows, in words.
    pub label: String,
}

/// Two frames side by side.
#[derive(Clone, Debug)]
pub(super) struct PairPicture {
    pub pair: FramePair,
    pub frames: [FramePicture; 2],
}

impl FramePicture {
    /// Draws one frame; `None` if it is too odd for a JPEG.
    pub(super) fn new(case_id: CaseId, image: &GrayImage, mask: Option<&RowRuns>) -> Option<Self> {
        let [width, height] = [image.width(), image.height()];
        if width == 0 || height == 0 {
            return None;
        }
        let small = (width > WIDTH).then(|| {
            let small_height = (u64::from(height) * u64::from(WIDTH) / u64::from(width)).max(1);
            imageops::thumbnail(image, WIDTH, small_height as u32)
        });
        let small = small.as_ref().unwrap_or(image);
        let mut jpeg = Vec::new();
        JpegEncoder::new_with_quality(&mut jpeg, QUALITY)
            .write_image(
                small.as_raw(),
                small.width(),
                small.height(),
                ExtendedColorType::L8,
            )
            .ok()?;
        let label = match mask {
            None => "no mask".to_owned(),
            Some(mask) if mask.is_empty() => "empty mask".to_owned(),
            Some(mask) => format!("nerve, {} px", mask.area()),
        };
        Some(Self {
            case_id,
            size: [height, width],
            image: format!("data:image/jpeg;base64,{}", STANDARD.encode(jpeg)),
            outline: mask.map(outline).unwrap_or_default(),
            label,
        })
    }
}

/// The borders of the mask, those of holes too, as SVG path data in pixel coordinates.
fn outline(mask: &RowRuns) -> String {
    let mut path = String::new();
    for ring in rings(mask.to_mask().view()) {
        write(&mut path, format_args!("M{} {}", ring[0][0], ring[0][1]));
        for (from, to) in ring.iter().zip(&ring[1..]) {
            // borders run along the edges of pixels, so one of the two does not change
            if from[1] == to[1] {
                write(&mut path, format_args!("H{}", to[0]));
            } else {
                write(&mut path, format_args!("V{}", to[1]));
            }
        }
        path.push('Z');
    }
    path
}

fn write(path: &mut String, text: std::fmt::Arguments<'_>) {
    path.write_fmt(text)
        .expect("writing into a string cannot fail");
}

#[cfg(test)]
mod tests {
    use ndarray::array;

    use super::*;

    #[test]
    fn outline_of_a_square_has_four_sides() {
        let mask = array![
            [false, false, false],
            [false, true, false],
            [false, false, false]
        ];

        assert_eq!(outline(&RowRuns::new(mask.view())), "M2 1V2H1V1Z");
    }

    #[test]
    fn rows_with_a_gap_between_them_are_closed() {
        let mask = array![[true, true], [false, false], [false, true]];

        assert_eq!(
            outline(&RowRuns::new(mask.view())),
            "M2 0V1H0V0ZM2 2V3H1V2Z"
        );
        assert_eq!(outline(&RowRuns::new(array![[false, false]].view())), "");
    }

    #[test]
    fn picture_is_small_and_labelled() {
        let image = GrayImage::new(580, 420);
        let id = "1_2".parse().unwrap();

        let picture = FramePicture::new(id, &image, None).unwrap();

        assert_eq!(
            (picture.size, picture.label.as_str()),
            ([420, 580], "no mask")
        );
        assert!(picture.image.starts_with("data:image/jpeg;base64,/9j/"));
        assert!(FramePicture::new(id, &GrayImage::new(0, 5), None).is_none());
    }
}
