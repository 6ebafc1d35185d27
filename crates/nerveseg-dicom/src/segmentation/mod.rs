//! DICOM SEG: which pixels of which image frames belong to what.

mod bits;
mod groups;

use std::collections::BTreeSet;

use crate::Limits;
use crate::elements::{Attributes, Elements, Tag};
use crate::error::{Result, check_limit, damaged, unsupported};
use crate::file::DataSet;
use crate::identity::{CLASS, LABEL_MAP, SEGMENTATION, text_of};

pub use groups::{Source, SourceFrame};

use groups::{Group, each};

const FRAMES: Tag = Tag(0x0028, 0x0008);
const ROWS: Tag = Tag(0x0028, 0x0010);
const COLUMNS: Tag = Tag(0x0028, 0x0011);
const BITS_ALLOCATED: Tag = Tag(0x0028, 0x0100);
const TYPE: Tag = Tag(0x0062, 0x0001);
const SEGMENTS: Tag = Tag(0x0062, 0x0002);
const NUMBER: Tag = Tag(0x0062, 0x0004);
const LABEL: Tag = Tag(0x0062, 0x0005);
const SHARED: Tag = Tag(0x5200, 0x9229);
const PER_FRAME: Tag = Tag(0x5200, 0x9230);
const PIXEL_DATA: Tag = Tag(0x7fe0, 0x0010);

/// Most segments: their numbers have 16 bits.
const MOST_SEGMENTS: u64 = 1 << 16;

/// The segments of an object, and the frames that paint them.
#[derive(Clone, Debug)]
pub struct Segmentation {
    /// `[height, width]` of each frame.
    pub size: [u32; 2],
    /// What the segments are called.
    pub segments: Vec<Segment>,
    /// A segment on an image frame each.
    pub frames: Vec<SegmentFrame>,
    /// The image that the whole object is made from, as far as it says so.
    pub source: Source,
    /// One bit a pixel, frame after frame without a gap, lowest bit first.
    bits: Vec<u8>,
}

/// What is segmented.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Segment {
    /// Its number in the object.
    pub number: u16,
    /// What people call it.
    pub label: String,
}

/// A segment on one frame of an image.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SegmentFrame {
    /// Number of the segment.
    pub segment: u16,
    /// The frame of an image that it belongs to.
    pub source: Source,
}

impl Segmentation {
    /// Reads a binary segmentation. Every length is checked before it is believed, and nothing
    /// recurses.
    ///
    /// # Errors
    ///
    /// The file is no segmentation, is a fractional, compressed or big-endian one, is damaged, or is
    /// larger than `limits` allow.
    pub fn read(bytes: &[u8], limits: &Limits) -> Result<Self> {
        check_limit("bytes", bytes.len() as u64, limits.bytes)?;
        let data_set = DataSet::find(bytes)?;
        let wanted = [
            CLASS,
            FRAMES,
            ROWS,
            COLUMNS,
            BITS_ALLOCATED,
            TYPE,
            SEGMENTS,
            SHARED,
            PER_FRAME,
            PIXEL_DATA,
            groups::SERIES,
            groups::SOURCE_IMAGES,
        ];
        let elements = Elements::new(data_set.bytes, data_set.encoding);
        let top = Attributes::read(elements, &wanted, Some(PIXEL_DATA))?;
        check_kind(&top)?;
        let size = size(&top, limits)?;
        let count: u32 = top
            .number(FRAMES)
            .filter(|&count| count > 0)
            .ok_or_else(|| damaged("the number of frames is not positive"))?;
        check_limit("frames", count.into(), limits.frames.into())?;
        let segments = segments(&top)?;
        let frames = frames(&top, &segments, count)?;
        Ok(Self {
            bits: bits::read(&top, data_set.compression, size, count)?,
            source: groups::source(&top)?,
            size,
            segments,
            frames,
        })
    }

    /// Whether each pixel of a frame belongs to its segment, in reading order; `None` if there is no
    /// such frame.
    pub fn mask(&self, frame: usize) -> Option<Vec<bool>> {
        let [height, width] = self.size.map(|side| side as usize);
        let pixels = height * width;
        let first = (frame < self.frames.len()).then_some(frame * pixels)?;
        let is_set = |at: usize| self.bits[at / 8] >> (at % 8) & 1 == 1;
        Some((first..first + pixels).map(is_set).collect())
    }
}

fn check_kind(top: &Attributes<'_>) -> Result<()> {
    match text_of(top, CLASS).as_str() {
        SEGMENTATION => {}
        LABEL_MAP => {
            return Err(unsupported(
                "a label map segmentation (`LABELMAP`), expected a binary one",
            ));
        }
        _ => return Err(damaged("the object is not a segmentation")),
    }
    match text_of(top, TYPE).as_str() {
        "BINARY" => Ok(()),
        "FRACTIONAL" => Err(unsupported(
            "a fractional segmentation (`FRACTIONAL`), expected a binary one",
        )),
        _ => Err(damaged("the type of the segmentation is not `BINARY`")),
    }
}

/// `[height, width]`.
fn size(top: &Attributes<'_>, limits: &Limits) -> Result<[u32; 2]> {
    let rows = top.required(ROWS, "Rows")?;
    let columns = top.required(COLUMNS, "Columns")?;
    if rows == 0 || columns == 0 {
        return Err(damaged(format!("a frame of {columns}x{rows} pixels")));
    }
    let pixels = u64::from(rows) * u64::from(columns);
    check_limit("pixels a frame", pixels, limits.pixels)?;
    match top.required(BITS_ALLOCATED, "BitsAllocated")? {
        1 => Ok([rows.into(), columns.into()]),
        bits => Err(damaged(format!(
            "{bits} bits a pixel in a binary segmentation, expected 1"
        ))),
    }
}

fn segments(top: &Attributes<'_>) -> Result<Vec<Segment>> {
    let mut segments = Vec::new();
    let mut numbers = BTreeSet::new();
    each(top, SEGMENTS, &[NUMBER, LABEL], |item| {
        let number = item.required(NUMBER, "SegmentNumber")?;
        if !numbers.insert(number) {
            return Err(damaged(format!("two segments have the number {number}")));
        }
        segments.push(Segment {
            number,
            label: text_of(item, LABEL),
        });
        check_limit("segments", segments.len() as u64, MOST_SEGMENTS)
    })?;
    match segments.is_empty() {
        true => Err(damaged("the segmentation names no segment")),
        false => Ok(segments),
    }
}

/// What each of the `count` frames is.
fn frames(top: &Attributes<'_>, segments: &[Segment], count: u32) -> Result<Vec<SegmentFrame>> {
    let known: BTreeSet<u16> = segments.iter().map(|it| it.number).collect();
    let mut shared = Group::default();
    each(top, SHARED, &groups::WANTED, |item| {
        shared = Group::read(item)?;
        Ok(())
    })?;
    let mut frames = Vec::new();
    each(top, PER_FRAME, &groups::WANTED, |item| {
        let group = Group::read(item)?;
        let segment = group.segment.or(shared.segment);
        let segment = segment.filter(|number| known.contains(number));
        let segment = segment.ok_or_else(|| damaged("a frame is of no segment that is named"))?;
        let source = match group.source {
            Source::Unsaid => shared.source.clone(),
            own => own,
        };
        frames.push(SegmentFrame { segment, source });
        check_limit("described frames", frames.len() as u64, count.into())
    })?;
    if frames.len() as u64 != u64::from(count) {
        return Err(damaged(format!(
            "{count} frames, of which {} are described",
            frames.len()
        )));
    }
    Ok(frames)
}
