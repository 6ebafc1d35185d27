//! One look at one case: what is kept of it once the pixels are dropped again.

use std::borrow::Cow;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::io::Cursor;

use image::{DynamicImage, ExtendedColorType, ImageDecoder as _, ImageReader};

use super::descriptor;
use super::{AuditOptions, Finding, FindingKind};
use crate::mask::RowRuns;
use crate::read::format_of;
use crate::ultrasound::FrameFeatures;
use crate::ultrasound::cells::{band_pass, cells};
use crate::{CaseEntry, CaseId, MaskSource, MaskValues};

/// Channels further apart than this make a pixel coloured, in grey levels.
const COLOUR_SPREAD: u8 = 24;

/// What the audit remembers of a case that could be read.
#[derive(Debug)]
pub(super) struct Inspected {
    pub case_id: CaseId,
    /// `[height, width]`, in pixels.
    pub size: [u32; 2],
    pub descriptor: Vec<f32>,
    /// Equal for frames that are the same pixel by pixel.
    pub pixel_hash: u64,
    /// `None` for a frame of the test set.
    pub mask: Option<RowRuns>,
    /// Which value of the mask was taken for the nerve.
    pub mask_values: MaskValues,
    /// Container and kind of pixel.
    pub stored_as: StoredAs,
    /// Findings that need no other case.
    pub findings: Vec<Finding>,
}

/// How an image is stored.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct StoredAs {
    pub format: String,
    pub pixels: String,
    /// Fraction of clearly coloured pixels.
    pub colour_fraction: f64,
}

/// Reads a case and looks at it; a file that cannot be read becomes the finding.
pub(super) fn inspect(entry: &CaseEntry, options: &AuditOptions) -> Result<Inspected, Finding> {
    let case_id = entry.case_id;
    let mut stored = None;
    // the image comes first
    let mut see = |bytes: &[u8]| {
        stored.get_or_insert_with(|| stored_as(bytes));
    };
    let (case, mask_values) = entry
        .load_with_values(&mut see)
        .map_err(|error| Finding::from_error(Some(case_id), &error))?;
    let stored_as = stored.expect("the image was read");
    let cells = cells(&case.frame.pixels);
    let mut findings = Vec::new();
    let shown = case.frame.tissue_pixels();
    if let Some(objection) = colour_objection(&stored_as, options).or_else(|| {
        let features = match &shown {
            Cow::Borrowed(all) => FrameFeatures::with_cells(all, &cells),
            Cow::Owned(part) => FrameFeatures::measure(part),
        };
        features.objection(&shown, &options.frame)
    }) {
        let kind = FindingKind::NotUltrasound;
        findings.push(Finding::at(kind, case_id, &entry.image_path, objection));
    }
    if case.frame.regions > 1 {
        let (region, regions) = (case.frame.region + 1, case.frame.regions);
        let message =
            format!("the file names {regions} regions of tissue, region {region} is used");
        let kind = FindingKind::SeveralRegions;
        findings.push(Finding::at(kind, case_id, &entry.image_path, message));
    }
    let mask = case.mask.map(|mask| RowRuns::new(mask.view()));
    if let Some(mask) = &mask {
        findings.extend(odd_shape(entry, mask));
    }
    let mut hasher = DefaultHasher::new();
    (case.frame.pixels.dimensions(), case.frame.pixels.as_raw()).hash(&mut hasher);
    Ok(Inspected {
        case_id,
        size: [case.frame.pixels.height(), case.frame.pixels.width()],
        descriptor: descriptor::normalise(&band_pass(&cells)),
        pixel_hash: hasher.finish(),
        mask,
        mask_values,
        stored_as,
        findings,
    })
}

/// Findings about the shape of one mask.
fn odd_shape(entry: &CaseEntry, mask: &RowRuns) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut push = |kind, message| {
        let mut finding = Finding::new(kind, vec![entry.case_id], message);
        if let MaskSource::File(path) = &entry.mask {
            finding.paths.push(path.clone());
        }
        findings.push(finding);
    };
    match mask.components() {
        0 | 1 => {}
        pieces => push(
            FindingKind::SeveralComponents,
            format!("the mask has {pieces} pieces, expected one"),
        ),
    }
    match mask.holes() {
        0 => {}
        holes => push(
            FindingKind::Holes,
            format!(
                "the mask has {holes} {}",
                if holes == 1 { "hole" } else { "holes" }
            ),
        ),
    }
    if mask.touches_border() {
        push(
            FindingKind::TouchesBorder,
            "the mask touches the edge of the frame".to_owned(),
        );
    }
    findings
}

fn colour_objection(stored_as: &StoredAs, options: &AuditOptions) -> Option<String> {
    let limit = options.frame.max_colour_fraction;
    (stored_as.colour_fraction > limit).then(|| {
        format!(
            "coloured: {:.1} % of the pixels, expected at most {:.1} %",
            100.0 * stored_as.colour_fraction,
            100.0 * limit
        )
    })
}

/// Container and kind of pixel, from the header; pixels are decoded only if they may be coloured.
fn stored_as(bytes: &[u8]) -> StoredAs {
    let mut stored_as = StoredAs {
        format: format_of(bytes).unwrap_or("unknown").to_owned(),
        pixels: "unknown".to_owned(),
        colour_fraction: 0.0,
    };
    let Ok(format) = image::guess_format(bytes) else {
        return stored_as;
    };
    "palette or unusual".clone_into(&mut stored_as.pixels);
    // The case was read within its limits already, so a second decode stays within them as well.
    let Ok(decoder) = ImageReader::with_format(Cursor::new(bytes), format).into_decoder() else {
        return stored_as;
    };
    stored_as.pixels = pixel_kind(decoder.original_color_type());
    if decoder.color_type().has_color()
        && let Ok(image) = DynamicImage::from_decoder(decoder)
    {
        stored_as.colour_fraction = colour_fraction(&image);
    }
    stored_as
}

fn pixel_kind(color: ExtendedColorType) -> String {
    let bits = color.bits_per_pixel() / u16::from(color.channel_count()).max(1);
    let channels = match color.channel_count() {
        1 => "grey",
        2 => "grey with alpha",
        3 => "RGB",
        _ => "RGBA",
    };
    format!("{bits}-bit {channels}")
}

fn colour_fraction(image: &DynamicImage) -> f64 {
    let pixels = image.to_rgb8();
    let coloured = pixels
        .pixels()
        .filter(|pixel| {
            let [r, g, b] = pixel.0;
            r.max(g).max(b) - r.min(g).min(b) > COLOUR_SPREAD
        })
        .count();
    coloured as f64 / pixels.pixels().len().max(1) as f64
}
