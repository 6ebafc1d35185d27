//! Small pictures of flagged frames with the outline of the mask, ready for an HTML page.

use std::fmt::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use image::codecs::jpeg::JpegEncoder;
use image::{ExtendedColorType, GrayImage, ImageEncoder as _, imageops};

use super::FramePair;
use crate::CaseId;
use crate::mask::runs::{Run, Runs};

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
    pub(super) fn new(case_id: CaseId, image: &GrayImage, mask: Option<&Runs>) -> Option<Self> {
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

/// Every edge between a pixel inside and one outside, as SVG path data in pixel coordinates.
fn outline(mask: &Runs) -> String {
    let mut path = String::new();
    let mut above: &[Run] = &[];
    let mut rows: Vec<&[Run]> = mask.as_slice().chunk_by(|a, b| a.row == b.row).collect();
    rows.push(&[]);
    for row in rows {
        if let (Some(a), Some(b)) = (above.first(), row.first())
            && a.row + 1 != b.row
        {
            horizontal_edges(&mut path, a.row + 1, above, &[]);
            above = &[];
        }
        let Some(y) = row
            .first()
            .map(|r| r.row)
            .or(above.first().map(|r| r.row + 1))
        else {
            break;
        };
        horizontal_edges(&mut path, y, above, row);
        for run in row {
            for x in [run.start, run.end] {
                write(&mut path, format_args!("M{x} {y}v1"));
            }
        }
        above = row;
    }
    path
}

/// Edges along the line `y`: where exactly one of the rows above and below it is inside.
fn horizontal_edges(path: &mut String, y: u32, above: &[Run], below: &[Run]) {
    let mut ends: Vec<u32> = above
        .iter()
        .chain(below)
        .flat_map(|run| [run.start, run.end])
        .collect();
    ends.sort_unstable();
    // inside flips at every end, and two flips at one place cancel
    for pair in ends.chunks_exact(2) {
        if pair[0] < pair[1] {
            write(path, format_args!("M{} {y}h{}", pair[0], pair[1] - pair[0]));
        }
    }
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

        assert_eq!(outline(&Runs::new(mask.view())), "M1 1h1M1 1v1M2 1v1M1 2h1");
    }

    #[test]
    fn rows_with_a_gap_between_them_are_closed() {
        let mask = array![[true, true], [false, false], [false, true]];

        assert_eq!(
            outline(&Runs::new(mask.view())),
            "M0 0h2M0 0v1M2 0v1M0 1h2M1 2h1M1 2v1M2 2v1M1 3h1"
        );
        assert_eq!(outline(&Runs::new(array![[false, false]].view())), "");
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
