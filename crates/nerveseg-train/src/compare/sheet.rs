//! Pictures of the frames that changed most.

use image::imageops::{self, FilterType};
use image::{Rgb, RgbImage};
use nerveseg_data::{Case, Dataset};
use nerveseg_model::Segmenter;
use nerveseg_model::overlay::{CAVEAT, GROUND_TRUTH, PREDICTION, Paint, overlay, with_strip};

use super::{FrameRow, Paired};
use crate::error::Result;
use crate::gated::{Found, Gated, truth};

/// Longer side of a panel, in pixels.
const PANEL: u32 = 360;
/// Pixels between panels.
const GAP: u32 = 8;

/// One picture of up to `count` frames whose Dice changed most, a row each: the truth alone, the truth
/// and A, the truth and B. `None` if no frame changed.
///
/// `segmenters` and `dataset` are those that `paired` was made of.
///
/// # Errors
///
/// Fails on a case that cannot be read or segmented.
pub fn change_sheet(
    segmenters: [&Segmenter; 2],
    dataset: &Dataset,
    paired: &Paired,
    count: usize,
) -> Result<Option<RgbImage>> {
    let [a, b] = segmenters;
    let models = [Gated::new(a)?, Gated::new(b)?];
    let mut rows = Vec::new();
    for case_id in paired.most_changed(count) {
        let name = case_id.to_string();
        let row = paired.frames.iter().find(|row| row.case_id == name);
        let (Some(row), Some(entry)) = (row, dataset.get(case_id)) else {
            continue;
        };
        let cases = [entry.load()?];
        let mut panels = vec![panel(&cases[0], None, &truth_line(row))];
        for (model, line) in models.iter().zip(model_lines(row)) {
            let found = model.find(&cases)?;
            panels.push(panel(&cases[0], found.first(), &line));
        }
        rows.push(beside(&panels));
    }
    if rows.is_empty() {
        return Ok(None);
    }
    let lines = [CAVEAT, "blue: truth, orange: model A (middle), B (right)"];
    let sheet = with_strip(&below(&rows), &lines.map(str::to_owned));
    Ok(Some(sheet))
}

fn truth_line(row: &FrameRow) -> String {
    let site = row.site.as_ref().map(|site| format!(", {site}"));
    let what = if row.nerve { "nerve" } else { "no nerve" };
    format!("{}{}: {what}", row.case_id, site.unwrap_or_default())
}

fn model_lines(row: &FrameRow) -> [String; 2] {
    let line = |name, dice: f64, presence: Option<f64>, passed| {
        let emptied = if passed == Some(false) {
            ", emptied"
        } else {
            ""
        };
        let presence = presence.unwrap_or_default();
        format!("{name}: Dice {dice:.2}, presence {presence:.2}{emptied}")
    };
    [
        line("A", row.dice_a, row.presence_a, row.passed_a),
        line("B", row.dice_b, row.presence_b, row.passed_b),
    ]
}

/// A frame with the outline of its nerve, that of a model's mask, and a line below.
fn panel(case: &Case, found: Option<&Found>, line: &str) -> RgbImage {
    let outline = |colour| Paint { colour, fill: 0.0 };
    let mask = found.map(Found::mask);
    let mut layers = vec![(truth(case).view(), outline(GROUND_TRUTH))];
    if let Some(mask) = &mask {
        layers.push((mask.view(), outline(PREDICTION)));
    }
    let picture = overlay(&case.frame.pixels, &layers);
    let (width, height) = picture.dimensions();
    let longer = width.max(height).max(1);
    let side = |side: u32| (side * PANEL / longer).max(1);
    let small = imageops::resize(&picture, side(width), side(height), FilterType::Triangle);
    with_strip(&small, &[line.to_owned()])
}

/// Pictures from left to right.
fn beside(pictures: &[RgbImage]) -> RgbImage {
    arrange(pictures, |picture| [picture.width() + GAP, 0])
}

/// Pictures from top to bottom.
fn below(pictures: &[RgbImage]) -> RgbImage {
    arrange(pictures, |picture| [0, picture.height() + GAP])
}

/// Pictures on black, each `step` of the one before from it.
fn arrange(pictures: &[RgbImage], step: impl Fn(&RgbImage) -> [u32; 2]) -> RgbImage {
    let mut corner = [0, 0];
    let mut places = Vec::with_capacity(pictures.len());
    let mut size = [0, 0];
    for picture in pictures {
        places.push(corner);
        size = [
            size[0].max(corner[0] + picture.width()),
            size[1].max(corner[1] + picture.height()),
        ];
        let [right, down] = step(picture);
        corner = [corner[0] + right, corner[1] + down];
    }
    let mut whole = RgbImage::from_pixel(size[0], size[1], Rgb([0, 0, 0]));
    for (picture, [left, top]) in pictures.iter().zip(places) {
        imageops::replace(&mut whole, picture, i64::from(left), i64::from(top));
    }
    whole
}
