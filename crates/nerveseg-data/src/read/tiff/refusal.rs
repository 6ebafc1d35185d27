//! Pages that the decoder would refuse in other words, or misread.

use tiff::decoder::ifd::Value;
use tiff::tags::Tag;

use super::super::encoded::Encoded;
use super::super::jpeg;
use super::{Pages, failure};
use crate::Result;

const JPEG: u16 = 7;
/// Nothing, fax of group 4, LZW, JPEG, Deflate under both its numbers, `PackBits`.
const READ: [u16; 7] = [1, 4, 5, JPEG, 8, 32_946, 32_773];
/// LZW and Deflate: what a predictor goes with.
const PREDICTED: [u16; 3] = [5, 8, 32_946];
const OTHERS: [(u16, &str); 11] = [
    (2, "CCITT run lengths"),
    (3, "CCITT fax of group 3"),
    (6, "JPEG of the old kind"),
    (34_661, "JBIG"),
    (34_712, "JPEG 2000"),
    (34_887, "LERC"),
    (34_925, "LZMA"),
    (50_000, "Zstandard"),
    (50_001, "WebP"),
    (50_002, "JPEG XL"),
    (52_546, "JPEG XL"),
];
const YCBCR: u16 = 6;
pub(super) const SEPARATE_PLANES: u16 = 2;
const YCBCR_COEFFICIENTS: Tag = Tag::Unknown(529);
const REFERENCE_BLACK_WHITE: Tag = Tag::Unknown(532);

/// Refuses what is not read, or would not be read right.
pub(super) fn check(
    decoder: &mut Pages<'_>,
    photometric: u16,
    encoded: &Encoded<'_>,
) -> Result<()> {
    let mut tag = |tag| {
        let value = decoder.find_tag_unsigned::<u16>(tag);
        value.map_err(|error| failure(encoded, error))
    };
    let compression = tag(Tag::Compression)?.unwrap_or(1);
    let is_predicted = tag(Tag::Predictor)?.unwrap_or(1) != 1;
    if !READ.contains(&compression) {
        let name = OTHERS.iter().find(|(number, _)| *number == compression);
        let name = name.map_or_else(|| format!("method {compression}"), |it| it.1.to_owned());
        return Err(encoded.not_read(format!(
            "it is compressed with {name}; `tiffcp -c lzw IN OUT` converts it"
        )));
    }
    if tag(Tag::FillOrder)?.unwrap_or(1) != 1 {
        return Err(encoded.not_read(
            "the bits of its bytes are in reverse order; `tiffcp -f msb2lsb IN OUT` converts it",
        ));
    }
    if is_predicted && !PREDICTED.contains(&compression) {
        return Err(encoded.not_read("it has a predictor, but neither LZW nor Deflate"));
    }
    let is_tiled = tag(Tag::TileWidth)?.is_some();
    let is_apart = tag(Tag::PlanarConfiguration)? == Some(SEPARATE_PLANES);
    if is_tiled && is_apart && tag(Tag::SamplesPerPixel)?.unwrap_or(1) > 1 {
        return Err(encoded.not_read(
            "its colours are apart and in tiles; `tiffcp -p contig IN OUT` puts them together",
        ));
    }
    if (is_predicted || is_tiled) && has_foreign_samples(decoder) {
        return Err(encoded.not_read("its pixels have more samples than its colours take"));
    }
    if compression == JPEG && is_any_jpeg_cut(decoder, encoded.bytes) {
        return Err(encoded.decode_error(jpeg::truncated()));
    }
    if photometric == YCBCR && !has_usual_ycbcr(decoder) {
        return Err(encoded.not_read("its YCbCr colours are not those of JPEG"));
    }
    Ok(())
}

/// Whether there are samples beside those of colours and alpha, which the decoder leaves out.
fn has_foreign_samples(decoder: &mut Pages<'_>) -> bool {
    let stored = decoder.find_tag_unsigned::<u16>(Tag::SamplesPerPixel);
    let taken = decoder.colortype().map(|color| color.num_samples());
    matches!((stored, taken), (Ok(stored), Ok(taken)) if stored.unwrap_or(1) != taken)
}

/// Whether a strip or tile ends before its JPEG does, of which the decoder says nothing.
fn is_any_jpeg_cut(decoder: &mut Pages<'_>, bytes: &[u8]) -> bool {
    let mut numbers = |strips, tiles| {
        let mut of = |tag| decoder.find_tag_unsigned_vec::<u64>(tag).ok().flatten();
        of(strips).or_else(|| of(tiles)).unwrap_or_default()
    };
    let offsets = numbers(Tag::StripOffsets, Tag::TileOffsets);
    let lengths = numbers(Tag::StripByteCounts, Tag::TileByteCounts);
    offsets.into_iter().zip(lengths).any(|(offset, length)| {
        let chunk = offset
            .checked_add(length)
            .and_then(|end| bytes.get(offset as usize..end as usize));
        chunk.is_none_or(jpeg::is_truncated)
    })
}

/// Whether black, white and the weights of colours are what they are if nobody says.
fn has_usual_ycbcr(decoder: &mut Pages<'_>) -> bool {
    let mut is_usual = |tag, usual: &[f64]| match decoder.find_tag(tag) {
        Ok(None) => true,
        Ok(Some(Value::List(found))) => {
            let is_near = |(found, usual): (&Value, &f64)| match *found {
                Value::Rational(n, d) => (f64::from(n) / f64::from(d) - usual).abs() < 1e-3,
                _ => false,
            };
            found.len() == usual.len() && found.iter().zip(usual).all(is_near)
        }
        _ => false,
    };
    is_usual(YCBCR_COEFFICIENTS, &[0.299, 0.587, 0.114])
        && is_usual(
            REFERENCE_BLACK_WHITE,
            &[0.0, 255.0, 128.0, 255.0, 128.0, 255.0],
        )
}
