//! Damaged files of every kind never panic, hang or give a frame beyond the limits.

use image::ExtendedColorType;
use nerveseg_dicom::{Limits, decode};

use crate::dicom::{
    Dicom, EXPLICIT_BIG, EXPLICIT_LITTLE, IMPLICIT_LITTLE, JPEG_BASELINE, JPEG_LOSSLESS, PIXELS,
    RLE, Value, gradient, rle,
};
use crate::jpeg;

const ROUNDS: u32 = 20_000;
const LIMITS: Limits = Limits {
    bytes: 1 << 20,
    pixels: 1 << 16,
    frames: 100,
};

/// Marsaglia's xorshift: the same mutations in every run.
pub(crate) struct Random(pub(crate) u64);

impl Random {
    fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % bound as u64) as usize
    }

    /// Changes a few bytes after the preamble, or moves some away.
    pub(crate) fn mutate(&mut self, file: &mut Vec<u8>) {
        const ODD: [u8; 8] = [0, 1, 0x7f, 0x80, 0xd8, 0xda, 0xfe, 0xff];
        for _ in 0..=self.below(4) {
            let at = 132 + self.below(file.len() - 132);
            match self.below(8) {
                0..3 => file[at] ^= 1 << self.below(8),
                3..6 => file[at] = ODD[self.below(ODD.len())],
                6 => {
                    let end = file.len().min(at + 1 + self.below(8));
                    file.drain(at..end);
                }
                _ => {
                    let end = file.len().min(at + 1 + self.below(16));
                    let copy = file[at..end].to_vec();
                    file.splice(at..at, copy);
                }
            }
        }
    }
}

#[track_caller]
fn survives(file: &Dicom, seed: u64) {
    let original = file.write();
    let mut random = Random(seed);
    let mut read = 0;
    for _ in 0..ROUNDS {
        let mut bytes = original.clone();
        random.mutate(&mut bytes);
        if let Ok(frame) = decode(&bytes, 0, &LIMITS) {
            let (width, height) = frame.pixels.dimensions();
            assert!(u64::from(width) * u64::from(height) <= LIMITS.pixels);
            assert!(frame.count <= LIMITS.frames);
            read += 1;
        }
    }
    // else the mutations were too coarse to get anywhere
    assert!(read > ROUNDS / 100, "only {read} were read");
    assert!(read < ROUNDS, "nothing was ever refused");
}

#[test]
fn plain_pixels_survive() {
    let item = vec![
        ((0x0018, 0x6012), Value::U16(vec![1])),
        ((0x0018, 0x6014), Value::U16(vec![1])),
        ((0x0018, 0x602c), Value::F64(0.25)),
    ];
    for uid in [IMPLICIT_LITTLE, EXPLICIT_LITTLE, EXPLICIT_BIG] {
        let file = Dicom::new(uid)
            .with(
                0x0018_6011,
                Value::Items(vec![item.clone(), item.clone()], true),
            )
            .bits(16, 12, 11)
            .pixels(Value::U16(vec![77; PIXELS]));
        survives(&file, 1);
    }
}

#[test]
fn palette_survives() {
    let file = (0..3).fold(
        Dicom::new(EXPLICIT_LITTLE).samples(1, "PALETTE COLOR"),
        |file, channel| {
            file.with(0x0028_1101 + channel, Value::U16(vec![16, 3, 16]))
                .with(0x0028_1201 + channel, Value::U16(vec![1 << 12; 16]))
        },
    );
    survives(&file.bytes(&gradient()), 2);
}

#[test]
fn run_lengths_survive() {
    let planes = [gradient(), gradient(), gradient()];
    let file = Dicom::new(RLE)
        .samples(3, "RGB")
        .pixels(Value::Fragments(vec![rle(&planes)]));
    survives(&file, 3);
}

#[test]
fn lossless_jpeg_survives() {
    let samples: Vec<u16> = gradient().into_iter().map(u16::from).collect();
    let file =
        Dicom::new(JPEG_LOSSLESS).pixels(Value::Fragments(vec![jpeg::lossless(&samples, 1, 8)]));
    survives(&file, 4);
}

#[test]
fn baseline_jpeg_survives() {
    let grey = jpeg::baseline(&gradient(), ExtendedColorType::L8);
    let file = Dicom::new(JPEG_BASELINE).pixels(Value::Fragments(vec![grey]));
    survives(&file, 5);

    let rgb: Vec<u8> = gradient()
        .iter()
        .flat_map(|&v| [v, 255 - v, v / 2])
        .collect();
    let rgb = jpeg::baseline(&rgb, ExtendedColorType::Rgb8);
    let file = Dicom::new(JPEG_BASELINE)
        .samples(3, "YBR_FULL_422")
        .pixels(Value::Fragments(vec![rgb]));
    survives(&file, 6);
}
