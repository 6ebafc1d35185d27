//! What of a data set is needed to show a frame, checked.

use crate::Limits;
use crate::bytes::Endian;
use crate::elements::{Attributes, Element, Elements, Tag};
use crate::error::{DicomError, Result, check_limit, damaged, unsupported};
use crate::file::DataSet;
use crate::palette::{self, Palette};
use crate::region::{PIXEL_SPACING, REGIONS, Tissue, tissue};
use crate::transfer_syntax::Compression;
use crate::window::Window;

const SAMPLES_PER_PIXEL: Tag = Tag(0x0028, 0x0002);
const PHOTOMETRIC: Tag = Tag(0x0028, 0x0004);
const PLANAR: Tag = Tag(0x0028, 0x0006);
const FRAMES: Tag = Tag(0x0028, 0x0008);
const ROWS: Tag = Tag(0x0028, 0x0010);
const COLUMNS: Tag = Tag(0x0028, 0x0011);
const BITS_ALLOCATED: Tag = Tag(0x0028, 0x0100);
const BITS_STORED: Tag = Tag(0x0028, 0x0101);
const HIGH_BIT: Tag = Tag(0x0028, 0x0102);
const SIGNED: Tag = Tag(0x0028, 0x0103);
const PIXEL_DATA: Tag = Tag(0x7fe0, 0x0010);

const WANTED: [Tag; 13] = [
    REGIONS,
    SAMPLES_PER_PIXEL,
    PHOTOMETRIC,
    PLANAR,
    FRAMES,
    ROWS,
    COLUMNS,
    PIXEL_SPACING,
    BITS_ALLOCATED,
    BITS_STORED,
    HIGH_BIT,
    SIGNED,
    PIXEL_DATA,
];

/// What the samples of a pixel mean.
#[derive(Debug)]
pub(crate) enum Colour {
    /// Grey; the highest value is white.
    Gray,
    /// Grey; the highest value is black.
    InvertedGray,
    Palette(Palette),
    Rgb,
    /// Luma first, then two chromas.
    Ybr,
    /// Luma of two pixels, then the chromas that they share.
    Ybr422,
}

/// How the bits of a sample are laid out.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Bits {
    /// 8 or 16.
    pub(crate) allocated: u16,
    /// How many of them are used.
    pub(crate) stored: u16,
    /// How far above the lowest bit those are.
    pub(crate) shift: u16,
    pub(crate) signed: bool,
}

/// Where the pixels are.
#[derive(Debug)]
pub(crate) enum PixelData<'a> {
    Plain {
        bytes: &'a [u8],
        endian: Endian,
        /// Whether samples of 8 bits were written as words of 16, so that pairs are swapped.
        swapped: bool,
    },
    /// The compressed frames, in pieces.
    Fragments(Vec<&'a [u8]>, Compression),
}

/// A checked header.
#[derive(Debug)]
pub(crate) struct Header<'a> {
    pub(crate) rows: u16,
    pub(crate) columns: u16,
    /// How many there should be.
    pub(crate) frames: u32,
    pub(crate) colour: Colour,
    /// Whether all of one channel comes before all of the next.
    pub(crate) planar: bool,
    pub(crate) bits: Bits,
    pub(crate) window: Option<Window>,
    pub(crate) tissue: Tissue,
    pub(crate) data: PixelData<'a>,
}

impl<'a> Header<'a> {
    /// `region` is that of the tissue, from 0; the largest if `None`.
    pub(crate) fn read(bytes: &'a [u8], limits: &Limits, region: Option<u32>) -> Result<Self> {
        let data_set = DataSet::find(bytes)?;
        let wanted = [&WANTED[..], &palette::TAGS, &Window::TAGS].concat();
        let elements = Elements::new(data_set.bytes, data_set.encoding);
        let attributes = Attributes::read(elements, &wanted, Some(PIXEL_DATA))?;
        let pixel_data = attributes.get(PIXEL_DATA).ok_or(DicomError::NoPixelData)?;

        let rows = attributes.required(ROWS, "Rows")?;
        let columns = attributes.required(COLUMNS, "Columns")?;
        if rows == 0 || columns == 0 {
            return Err(damaged(format!("a frame of {columns}x{rows} pixels")));
        }
        let pixels = u64::from(rows) * u64::from(columns);
        check_limit("pixels a frame", pixels, limits.pixels)?;
        let frames = match attributes.get(FRAMES) {
            Some(_) => attributes.number(FRAMES).filter(|&frames| frames > 0),
            None => Some(1),
        };
        let frames = frames.ok_or_else(|| damaged("the number of frames is not positive"))?;
        check_limit("frames", u64::from(frames), u64::from(limits.frames))?;

        let colour = colour(&attributes)?;
        Ok(Self {
            rows,
            columns,
            frames,
            planar: samples(&colour) > 1 && attributes.u16(PLANAR) == Some(1),
            bits: bits(&attributes)?,
            window: Window::read(&attributes),
            tissue: tissue(&attributes, rows, columns, region)?,
            data: data(pixel_data, data_set.compression)?,
            colour,
        })
    }

    pub(crate) fn pixels(&self) -> usize {
        usize::from(self.rows) * usize::from(self.columns)
    }

    /// Samples per pixel, as if no chroma were shared.
    pub(crate) fn samples(&self) -> usize {
        samples(&self.colour)
    }
}

fn samples(colour: &Colour) -> usize {
    match colour {
        Colour::Gray | Colour::InvertedGray | Colour::Palette(_) => 1,
        Colour::Rgb | Colour::Ybr | Colour::Ybr422 => 3,
    }
}

fn colour(attributes: &Attributes<'_>) -> Result<Colour> {
    let name = attributes.get(PHOTOMETRIC).and_then(Element::text);
    let colour = match name.ok_or_else(|| damaged("no photometric interpretation"))? {
        "MONOCHROME1" => Colour::InvertedGray,
        "MONOCHROME2" => Colour::Gray,
        "PALETTE COLOR" => Colour::Palette(Palette::read(attributes)?),
        "RGB" => Colour::Rgb,
        "YBR_FULL" => Colour::Ybr,
        "YBR_FULL_422" => Colour::Ybr422,
        other
            if other.len() <= 16
                && other
                    .bytes()
                    .all(|b| b.is_ascii_alphanumeric() || b == b'_') =>
        {
            return Err(unsupported(format!("photometric interpretation `{other}`")));
        }
        _ => return Err(damaged("the photometric interpretation is not a name")),
    };
    let expected = samples(&colour);
    let found = attributes.required(SAMPLES_PER_PIXEL, "SamplesPerPixel")?;
    if usize::from(found) != expected {
        return Err(damaged(format!(
            "{found} samples per pixel where the photometric interpretation needs {expected}"
        )));
    }
    Ok(colour)
}

fn bits(attributes: &Attributes<'_>) -> Result<Bits> {
    let allocated = attributes.required(BITS_ALLOCATED, "BitsAllocated")?;
    if !matches!(allocated, 8 | 16) {
        return Err(unsupported(format!(
            "{allocated} bits allocated per sample"
        )));
    }
    let stored = attributes.u16(BITS_STORED).unwrap_or(allocated);
    let high = attributes.u16(HIGH_BIT).unwrap_or(stored.wrapping_sub(1));
    if stored == 0 || stored > allocated || high >= allocated || high + 1 < stored {
        return Err(damaged(format!(
            "{stored} bits stored up to bit {high} of {allocated}"
        )));
    }
    Ok(Bits {
        allocated,
        stored,
        shift: high + 1 - stored,
        signed: attributes.u16(SIGNED) == Some(1),
    })
}

fn data<'a>(element: &Element<'a>, compression: Option<Compression>) -> Result<PixelData<'a>> {
    match (compression, element.delimited) {
        (None | Some(Compression::None), false) => {
            let endian = element.encoding.endian;
            Ok(PixelData::Plain {
                bytes: element.value,
                endian,
                swapped: endian == Endian::Big && element.representation == Some(*b"OW"),
            })
        }
        // the first item is a table of offsets, which the fragments themselves make superfluous
        (None | Some(Compression::Rle | Compression::Jpeg), true) => {
            let fragments: Vec<_> = element.items().skip(1).collect::<Result<_>>()?;
            let compression = compression.map_or_else(|| compression_of(&fragments), Ok)?;
            Ok(PixelData::Fragments(fragments, compression))
        }
        _ => Err(damaged("the pixel data do not fit the transfer syntax")),
    }
}

/// How fragments are compressed, where the file does not say.
fn compression_of(fragments: &[&[u8]]) -> Result<Compression> {
    match fragments.first() {
        Some([0xff, 0xd8, ..]) => Ok(Compression::Jpeg),
        // a few run-length segments, the first of them after their table
        Some([1..=15, 0, 0, 0, 64, 0, 0, 0, ..]) => Ok(Compression::Rle),
        _ => Err(damaged(
            "no transfer syntax, and pixels that are neither JPEG nor run lengths",
        )),
    }
}
