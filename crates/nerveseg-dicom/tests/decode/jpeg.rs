//! Writes JPEGs: baseline by the image crate, lossless by a few lines here.

use image::ExtendedColorType;
use image::codecs::jpeg::JpegEncoder;

use crate::dicom::{HEIGHT, WIDTH};

/// A baseline JPEG of highest quality. Three channels are taken for RGB and written as YCbCr.
pub(crate) fn baseline(pixels: &[u8], color: ExtendedColorType) -> Vec<u8> {
    let mut jpeg = Vec::new();
    JpegEncoder::new_with_quality(&mut jpeg, 100)
        .encode(pixels, WIDTH.into(), HEIGHT.into(), color)
        .unwrap();
    jpeg
}

/// A lossless JPEG (process 14, selection value 1) of interleaved samples.
pub(crate) fn lossless(samples: &[u16], channels: usize, precision: u8) -> Vec<u8> {
    let mut jpeg = vec![0xff, 0xd8];
    // 17 categories of difference, each with a code of 5 bits that is its own number
    let mut table = vec![0_u8, 0, 0, 0, 0, 17];
    table.resize(17, 0);
    table.extend(0..17);
    segment(0xc4, &table, &mut jpeg);
    let [h1, h0] = HEIGHT.to_be_bytes();
    let [w1, w0] = WIDTH.to_be_bytes();
    let mut frame = vec![precision, h1, h0, w1, w0, channels as u8];
    let mut scan = vec![channels as u8];
    for channel in 1..=channels as u8 {
        frame.extend([channel, 0x11, 0]);
        scan.extend([channel, 0]);
    }
    scan.extend([1, 0, 0]);
    segment(0xc3, &frame, &mut jpeg);
    segment(0xda, &scan, &mut jpeg);

    let mut bits = Vec::new();
    for (at, sample) in samples.iter().enumerate() {
        let (pixel, width) = (at / channels, WIDTH as usize);
        let prediction = match (pixel % width, pixel / width) {
            (0, 0) => 1 << (precision - 1),
            (0, _) => samples[at - width * channels],
            _ => samples[at - channels],
        };
        let difference = i32::from(sample.wrapping_sub(prediction) as i16);
        let category = 32 - difference.unsigned_abs().leading_zeros();
        push(category, 5, &mut bits);
        if category < 16 {
            let code = if difference < 0 {
                difference + (1 << category) - 1
            } else {
                difference
            };
            push(code as u32, category, &mut bits);
        }
    }
    bits.resize(bits.len().next_multiple_of(8), true);
    for byte in bits.chunks(8) {
        let byte = byte.iter().fold(0, |byte, &bit| byte << 1 | u8::from(bit));
        jpeg.push(byte);
        if byte == 0xff {
            jpeg.push(0);
        }
    }
    jpeg.extend([0xff, 0xd9]);
    jpeg
}

pub(crate) fn segment(marker: u8, content: &[u8], jpeg: &mut Vec<u8>) {
    jpeg.extend([0xff, marker]);
    jpeg.extend((content.len() as u16 + 2).to_be_bytes());
    jpeg.extend(content);
}

fn push(value: u32, count: u32, bits: &mut Vec<bool>) {
    bits.extend((0..count).rev().map(|bit| value >> bit & 1 == 1));
}
