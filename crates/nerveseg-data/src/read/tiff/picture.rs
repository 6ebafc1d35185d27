//! One page: its samples, and grey from them.

use std::io::ErrorKind;

use image::GrayImage;
use image::metadata::Orientation;
use nerveseg_frame::{Frame, luma};
use tiff::decoder::{ChunkType, DecodingResult};
use tiff::tags::Tag;
use tiff::{ColorType, TiffError};

use super::super::bits::unpack;
use super::super::depth::{Depth, bits_of, used_bits};
use super::super::encoded::Encoded;
use super::super::labels::{LabelKind, Labels};
use super::samples::{interleave, rgb, widen};
use super::{Pages, failure, open, palette, reason, refusal, seek};
use crate::Result;

const WHITE_IS_ZERO: u16 = 0;

/// What a page holds, before any rule for grey.
#[derive(Debug)]
pub(super) struct Picture {
    width: u32,
    height: u32,
    color: ColorType,
    /// How many samples a pixel has.
    channels: usize,
    samples: Samples,
    /// The colours of the palette, if the samples are its entries.
    colours: Option<Vec<[u8; 3]>>,
    /// Whether samples of 16 bits are white at 0; others were turned round by the decoder.
    is_white_zero: bool,
    /// The bits that the page says its samples of 16 use.
    said_bits: u16,
}

/// One value per sample, pixel after pixel.
#[derive(Debug)]
enum Samples {
    Few(Vec<u8>),
    /// Of 16 bits.
    Deep(Vec<u16>),
}

impl Picture {
    /// Reads the page that the decoder is at, which is number `page`.
    pub(super) fn read(
        decoder: &mut Pages<'_>,
        page: usize,
        encoded: &Encoded<'_>,
    ) -> Result<Self> {
        let photometric = decoder
            .find_tag_unsigned::<u16>(Tag::PhotometricInterpretation)
            .map_err(|error| failure(encoded, error))?
            .unwrap_or(WHITE_IS_ZERO);
        if photometric != palette::PALETTE {
            return Self::read_plain(decoder, photometric, encoded);
        }
        let no_directory = || encoded.decode_error(reason("the page has no kind of pixel"));
        let directory = decoder.ifd_pointer().ok_or_else(no_directory)?;
        let bytes = palette::as_gray(encoded.bytes, directory).ok_or_else(no_directory)?;
        let mut decoder = open(&bytes, encoded)?;
        seek(&mut decoder, page, encoded)?;
        Self::read_plain(&mut decoder, photometric, encoded)
    }

    fn read_plain(
        decoder: &mut Pages<'_>,
        photometric: u16,
        encoded: &Encoded<'_>,
    ) -> Result<Self> {
        let fail = |error| failure(encoded, error);
        let (width, height) = decoder.dimensions().map_err(fail)?;
        encoded.check_size(width, height)?;
        refusal::check(decoder, photometric, encoded)?;
        let color = decoder.colortype().map_err(fail)?;
        let kind = || encoded.unsupported(format!("{color:?} TIFF"));
        let channels = channels(color).ok_or_else(kind)?;
        let planes = decoder
            .find_tag_unsigned::<u16>(Tag::PlanarConfiguration)
            .map_err(fail)?;
        let are_separate = channels > 1 && planes == Some(refusal::SEPARATE_PLANES);
        let colours = if photometric == palette::PALETTE {
            let map = decoder.get_tag_u16_vec(Tag::ColorMap).map_err(fail)?;
            Some(palette::colours(&map, color.bit_depth(), encoded)?)
        } else {
            None
        };
        let samples = match (read(decoder, encoded)?, color.bit_depth()) {
            (DecodingResult::U8(samples), 8) if are_separate => {
                Samples::Few(interleave(&samples, channels))
            }
            (DecodingResult::U8(samples), 8) => Samples::Few(samples),
            (DecodingResult::U8(packed), depth @ (1 | 2 | 4)) => {
                Samples::Few(unpack(&packed, depth, width))
            }
            (DecodingResult::U16(samples), 16) if are_separate => {
                Samples::Deep(interleave(&samples, channels))
            }
            // the decoder turned them round, as if all 16 bits were used
            (DecodingResult::U16(samples), 16) if photometric == WHITE_IS_ZERO => {
                Samples::Deep(samples.into_iter().map(|it| !it).collect())
            }
            (DecodingResult::U16(samples), 16) => Samples::Deep(samples),
            (other, _) => return Err(encoded.unsupported(name(&other))),
        };
        Ok(Self {
            width,
            height,
            color,
            channels,
            said_bits: match samples {
                Samples::Few(_) => 0,
                Samples::Deep(_) => said_bits(decoder),
            },
            samples,
            colours,
            is_white_zero: photometric == WHITE_IS_ZERO,
        })
    }

    /// Whether its samples have 16 bits.
    pub(super) fn is_deep(&self) -> bool {
        matches!(self.samples, Samples::Deep(_))
    }

    /// How many of 16 bits it uses or says that it does, 0 if it has fewer.
    pub(super) fn used_bits(&self) -> u16 {
        match &self.samples {
            Samples::Few(_) => 0,
            Samples::Deep(samples) => {
                bits_of(used_bits(samples, self.channels)).max(self.said_bits)
            }
        }
    }

    /// The frame; samples of 16 bits use `least_bits` of them at least.
    pub(super) fn gray(self, least_bits: u16, encoded: &Encoded<'_>) -> Result<Frame> {
        let (grays, seen_bits) = match self.samples {
            Samples::Few(samples) => {
                let three = |it: &[u8]| [it[0], it[1], it[2]];
                let pixels = samples.chunks_exact(self.channels);
                let grays = match (self.colours, self.color) {
                    (Some(colours), _) => palette::lookup(&samples, &colours, encoded)?,
                    (None, ColorType::Gray(depth)) => widen(samples, depth),
                    (None, ColorType::YCbCr(_)) => pixels.map(|it| luma(rgb(three(it)))).collect(),
                    (None, _) if self.channels == 2 => pixels.map(|it| it[0]).collect(),
                    (None, _) => pixels.map(|it| luma(three(it))).collect(),
                };
                (grays, None)
            }
            Samples::Deep(samples) => {
                let depth = Depth {
                    said: None,
                    least: least_bits.max(self.said_bits),
                };
                let (mut grays, seen_bits) = depth.grays(&samples, self.channels);
                if self.is_white_zero {
                    for gray in &mut grays {
                        *gray = u8::MAX - *gray;
                    }
                }
                (grays, seen_bits)
            }
        };
        let pixels = GrayImage::from_raw(self.width, self.height, grays)
            .ok_or_else(|| encoded.decode_error(reason("fewer pixels than the header says")))?;
        Ok(Frame {
            seen_bits,
            ..Frame::new(pixels)
        })
    }

    /// The labels of a mask, turned as the page says.
    pub(super) fn labels(self, orientation: Orientation, encoded: &Encoded<'_>) -> Result<Labels> {
        let samples: Vec<u16> = match self.samples {
            Samples::Few(samples) => samples.into_iter().map(u16::from).collect(),
            Samples::Deep(samples) if self.is_white_zero => {
                samples.into_iter().map(|it| !it).collect()
            }
            Samples::Deep(samples) => samples,
        };
        let white = u16::MAX >> (16 - self.color.bit_depth());
        let values = Labels::plain(encoded, samples, self.channels, white)?;
        let kind = match self.colours {
            Some(colours) => LabelKind::Palette { colours },
            None => LabelKind::Grey { white },
        };
        let size = [self.height, self.width];
        Labels::new(encoded, size, values, kind, orientation)
    }
}

/// All samples, one plane after another if the page has them so.
fn read(decoder: &mut Pages<'_>, encoded: &Encoded<'_>) -> Result<DecodingResult> {
    let fail = |error| failure(encoded, error);
    let mut samples = DecodingResult::U8(Vec::new());
    let layout = match decoder.read_image_to_buffer(&mut samples) {
        // sound tiles at the edge of the picture end so, too: the decoder stops in their padding
        Err(TiffError::IoError(error))
            if error.kind() == ErrorKind::UnexpectedEof
                && decoder.get_chunk_type() == ChunkType::Tile =>
        {
            return Err(encoded.not_read(format!(
                "its tiles end too early ({error}); `tiffcp -s IN OUT` makes strips of sound ones"
            )));
        }
        layout => layout.map_err(fail)?,
    };
    if samples.as_buffer(0).as_bytes().len() < layout.complete_len {
        return Err(fail(TiffError::LimitsExceeded));
    }
    Ok(samples)
}

/// Samples per pixel of the kinds we convert.
fn channels(color: ColorType) -> Option<usize> {
    match color {
        // others are packed in ways that the decoder does not undo
        ColorType::Gray(1 | 2 | 4 | 8 | 16 | 32 | 64) => Some(1),
        ColorType::GrayA(8 | 16)
        | ColorType::Multiband {
            bit_depth: 8 | 16,
            num_samples: 2,
        } => Some(2),
        ColorType::RGB(8 | 16) | ColorType::YCbCr(8) => Some(3),
        ColorType::RGBA(8 | 16) => Some(4),
        _ => None,
    }
}

/// Bits that the largest sample takes if the page names it, or that a microscope says are used.
fn said_bits(decoder: &mut Pages<'_>) -> u16 {
    let largest = decoder.find_tag_unsigned_vec::<u16>(Tag::MaxSampleValue);
    let largest = largest.ok().flatten().and_then(|it| it.into_iter().max());
    let text = decoder.get_tag_ascii_string(Tag::ImageDescription);
    let significant = text.ok().and_then(|text| {
        // an attribute of OME-XML
        let (_, value) = text.split_once("SignificantBits=\"")?;
        value.split('"').next()?.parse().ok()
    });
    bits_of(largest.unwrap_or(0)).max(significant.unwrap_or(0).min(16))
}

fn name(samples: &DecodingResult) -> &'static str {
    match samples {
        DecodingResult::F16(_) | DecodingResult::F32(_) | DecodingResult::F64(_) => "float",
        DecodingResult::I8(_)
        | DecodingResult::I16(_)
        | DecodingResult::I32(_)
        | DecodingResult::I64(_) => "signed",
        _ => "32-bit or deeper",
    }
}
