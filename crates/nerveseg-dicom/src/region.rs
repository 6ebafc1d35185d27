//! Where in the image the tissue is, and how large a pixel of it is.

use nerveseg_frame::Region;

use crate::elements::{Attributes, Element, Elements, Tag};
use crate::error::{DicomError, Result};

pub(crate) const REGIONS: Tag = Tag(0x0018, 0x6011);
pub(crate) const PIXEL_SPACING: Tag = Tag(0x0028, 0x0030);

const SPATIAL_FORMAT: Tag = Tag(0x0018, 0x6012);
const DATA_TYPE: Tag = Tag(0x0018, 0x6014);
const MIN_X: Tag = Tag(0x0018, 0x6018);
const MIN_Y: Tag = Tag(0x0018, 0x601a);
const MAX_X: Tag = Tag(0x0018, 0x601c);
const MAX_Y: Tag = Tag(0x0018, 0x601e);
const UNITS_X: Tag = Tag(0x0018, 0x6024);
const UNITS_Y: Tag = Tag(0x0018, 0x6026);
const DELTA_X: Tag = Tag(0x0018, 0x602c);
const DELTA_Y: Tag = Tag(0x0018, 0x602e);

const WANTED: [Tag; 10] = [
    SPATIAL_FORMAT,
    DATA_TYPE,
    MIN_X,
    MIN_Y,
    MAX_X,
    MAX_Y,
    UNITS_X,
    UNITS_Y,
    DELTA_X,
    DELTA_Y,
];

const TWO_DIMENSIONAL: u16 = 1;
const TISSUE: u16 = 1;
const CENTIMETRES: u16 = 3;
const MM_PER_CM: f64 = 10.0;

/// A 2D tissue region, and what the file says of it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Tissue {
    /// `None` if the file names none.
    pub(crate) region: Option<Region>,
    /// Which of the 2D tissue regions this is, from 0.
    pub(crate) index: u32,
    /// How many of them there are.
    pub(crate) count: u32,
    /// Millimetres per pixel `[row, column]`: in its own scale if that is in centimetres, else by
    /// `PixelSpacing`, else unknown.
    pub(crate) spacing_mm: Option<[f64; 2]>,
}

/// The 2D tissue region `wanted`, counted from 0, or the largest.
pub(crate) fn tissue(
    attributes: &Attributes<'_>,
    rows: u16,
    columns: u16,
    wanted: Option<u32>,
) -> Result<Tissue> {
    let mut found = Vec::new();
    if let Some(regions) = attributes.get(REGIONS) {
        for item in regions.items() {
            let elements = Elements::new(item?, regions.encoding);
            let item = Attributes::read(elements, &WANTED, Some(DELTA_Y))?;
            if let Some(region) = place(&item, rows, columns) {
                found.push((region, scale(&item)));
            }
        }
    }
    let count = found.len() as u32;
    if let Some(region) = wanted.filter(|&region| region >= count) {
        return Err(DicomError::RegionOutOfRange {
            region,
            regions: count,
        });
    }
    let largest = || {
        (0..count)
            .rev()
            .max_by_key(|&at| found[at as usize].0.area())
    };
    let index = wanted.or_else(largest).unwrap_or(0);
    let (region, scale) = found.get(index as usize).copied().unzip();
    let by_pixel = || attributes.get(PIXEL_SPACING).and_then(of_pixels);
    Ok(Tissue {
        region,
        index,
        count,
        spacing_mm: scale.flatten().or_else(by_pixel),
    })
}

/// Where a 2D tissue region is.
///
/// One that reaches beyond the image was written for another one, from which this was resized or
/// cut, and neither its place nor its scale may hold.
fn place(item: &Attributes<'_>, rows: u16, columns: u16) -> Option<Region> {
    if item.u16(SPATIAL_FORMAT) != Some(TWO_DIMENSIONAL) || item.u16(DATA_TYPE) != Some(TISSUE) {
        return None;
    }
    let at = |tag| item.get(tag)?.u32();
    // the maximum is the last pixel, though some write the one after it
    let length = |min, max, size: u16| {
        let (min, max, size) = (at(min)?, at(max)?, u32::from(size));
        (min <= max && max <= size).then(|| size.min(max + 1) - min)
    };
    let region = Region {
        x: at(MIN_X)?,
        y: at(MIN_Y)?,
        width: length(MIN_X, MAX_X, columns)?,
        height: length(MIN_Y, MAX_Y, rows)?,
    };
    region.fits(columns.into(), rows.into()).then_some(region)
}

/// Scale of a region, if it is in centimetres.
fn scale(item: &Attributes<'_>) -> Option<[f64; 2]> {
    if item.u16(UNITS_X) != Some(CENTIMETRES) || item.u16(UNITS_Y) != Some(CENTIMETRES) {
        return None;
    }
    // a negative one says that the axis points the other way
    let delta = |tag| Some(item.get(tag)?.f64()?.abs() * MM_PER_CM);
    plausible([delta(DELTA_Y)?, delta(DELTA_X)?])
}

/// `row\column`, in millimetres.
fn of_pixels(element: &Element<'_>) -> Option<[f64; 2]> {
    let (row, column) = element.text()?.split_once('\\')?;
    plausible([row.trim().parse().ok()?, column.trim().parse().ok()?])
}

fn plausible(spacing: [f64; 2]) -> Option<[f64; 2]> {
    spacing
        .iter()
        .all(|mm| mm.is_finite() && *mm > 0.0)
        .then_some(spacing)
}
