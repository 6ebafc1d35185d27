//! JPEG inside DICOM: baseline, extended with 8 bits, and lossless.

use std::borrow::Cow;

use jpeg_decoder::{ColorTransform, Decoder};

use super::jpeg_header::JpegHeader;
use super::raster::{Order, Raster};
use crate::bytes::Endian;
use crate::error::{Result, damaged, unsupported};
use crate::header::{Colour, Header};

const LOSSLESS: u8 = 3;

/// Decodes a JPEG of exactly the size and kind that the header says.
pub(super) fn decode<'a>(header: &mut Header<'_>, bytes: &[u8]) -> Result<Raster<'a>> {
    let jpeg = JpegHeader::read(bytes)?;
    check(&jpeg, header)?;
    if matches!(header.colour, Colour::Rgb | Colour::Ybr | Colour::Ybr422) {
        header.colour = if is_rgb(&jpeg, &header.colour) {
            Colour::Rgb
        } else {
            Colour::Ybr
        };
    }
    // a JPEG knows its depth; its samples are not moved up to where the header wants them
    if u16::from(jpeg.precision) < header.bits.stored {
        header.bits.stored = jpeg.precision.into();
        header.bits.shift = 0;
    }
    let mut decoder = Decoder::new(bytes);
    // that is: leave the components as they are, for luma is all that is wanted of YBR
    decoder.set_color_transform(ColorTransform::RGB);
    let samples = decoder
        .decode()
        .map_err(|error| damaged(format!("a JPEG that cannot be decoded: {error}")))?;
    let wide = jpeg.precision > 8;
    let channels = jpeg.components.len();
    if samples.len() != header.pixels() * channels * if wide { 2 } else { 1 } {
        return Err(damaged("a JPEG decodes to another size than it says"));
    }
    Ok(Raster {
        bytes: Cow::Owned(samples),
        order: Order::Interleaved { channels },
        wide: wide.then_some(NATIVE),
    })
}

/// The decoder writes samples of 16 bits in the order of the machine.
const NATIVE: Endian = if cfg!(target_endian = "big") {
    Endian::Big
} else {
    Endian::Little
};

fn check(jpeg: &JpegHeader, header: &Header<'_>) -> Result<()> {
    if (jpeg.rows, jpeg.columns) != (header.rows, header.columns) {
        return Err(damaged(format!(
            "a JPEG of {}x{} pixels in a frame of {}x{}",
            jpeg.columns, jpeg.rows, header.columns, header.rows
        )));
    }
    if jpeg.components.len() != header.samples() {
        return Err(damaged(format!(
            "a JPEG of {} channels in a frame of {}",
            jpeg.components.len(),
            header.samples()
        )));
    }
    match (jpeg.process, jpeg.precision) {
        (0 | 1, 8) => {}
        (LOSSLESS, 8..=16) => {
            // the decoder gets these wrong and does not say so
            if jpeg.restarts_or_shifts || jpeg.subsampled {
                return Err(unsupported(
                    "lossless JPEG with restarts, a point transform or shared chroma",
                ));
            }
        }
        (0 | 1 | LOSSLESS, precision) => {
            return Err(unsupported(format!(
                "JPEG with {precision} bits per sample"
            )));
        }
        (2, _) => return Err(unsupported("progressive JPEG")),
        (process, _) => return Err(unsupported(format!("JPEG of process {process}"))),
    }
    // each scan takes time for the whole image, even if it has no data
    if jpeg.scans > jpeg.components.len() {
        return Err(damaged("a JPEG with more scans than channels"));
    }
    if u16::from(jpeg.precision) > header.bits.allocated {
        return Err(damaged("a JPEG with more bits per sample than the frame"));
    }
    Ok(())
}

/// Whether three components are red, green and blue. Marks in the JPEG count more than the header,
/// which after a conversion often tells of what was before.
fn is_rgb(jpeg: &JpegHeader, colour: &Colour) -> bool {
    let by_header = matches!(colour, Colour::Rgb);
    if jpeg.process == LOSSLESS {
        return by_header;
    }
    match (jpeg.adobe, jpeg.is_jfif, jpeg.components.as_slice()) {
        (Some(0), ..) | (None, false, b"RGB") => true,
        (Some(_), ..) | (None, true, _) => false,
        _ => by_header && !jpeg.subsampled,
    }
}
