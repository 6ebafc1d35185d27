//! Every photometric interpretation, depth and layout, written here and read back.

use image::ExtendedColorType;
use nerveseg_dicom::{DicomError, Limits, decode};

use crate::dicom::{
    Dicom, EXPLICIT_BIG, EXPLICIT_LITTLE, IMPLICIT_LITTLE, JPEG_BASELINE, JPEG_LOSSLESS, PIXELS,
    RLE, Value, gradient, rle,
};
use crate::jpeg;

fn grays(file: &Dicom, frame: u32) -> Vec<u8> {
    decode(&file.write(), frame, &Limits::default())
        .unwrap()
        .pixels
        .into_raw()
}

fn luma([r, g, b]: [u8; 3]) -> u8 {
    ((299 * u32::from(r) + 587 * u32::from(g) + 114 * u32::from(b) + 500) / 1000) as u8
}

/// Three planes that differ.
fn planes() -> [Vec<u8>; 3] {
    let red = gradient();
    let green = red.iter().map(|v| v.wrapping_mul(3)).collect();
    let blue = red.iter().map(|v| 255 - v).collect();
    [red, green, blue]
}

fn interleave([a, b, c]: &[Vec<u8>; 3]) -> Vec<u8> {
    (0..PIXELS).flat_map(|at| [a[at], b[at], c[at]]).collect()
}

fn lumas([r, g, b]: &[Vec<u8>; 3]) -> Vec<u8> {
    (0..PIXELS).map(|at| luma([r[at], g[at], b[at]])).collect()
}

#[track_caller]
fn assert_close(found: &[u8], expected: &[u8], tolerance: u8) {
    assert_eq!(found.len(), expected.len());
    let worst = found
        .iter()
        .zip(expected)
        .map(|(a, b)| a.abs_diff(*b))
        .max();
    assert!(worst <= Some(tolerance), "off by {worst:?}");
}

#[test]
fn grey_is_kept_in_every_plain_syntax() {
    for uid in [IMPLICIT_LITTLE, EXPLICIT_LITTLE, EXPLICIT_BIG] {
        let file = Dicom::new(uid).bytes(&gradient());
        let frame = decode(&file.write(), 0, &Limits::default()).unwrap();
        assert_eq!(frame.pixels.dimensions(), (22, 17), "{uid}");
        assert_eq!((frame.index, frame.count, frame.spacing_mm), (0, 1, None));
        assert_eq!(frame.pixels.into_raw(), gradient(), "{uid}");
    }
}

#[test]
fn bytes_written_as_words_are_put_in_order() {
    for uid in [EXPLICIT_LITTLE, EXPLICIT_BIG] {
        let file = Dicom::new(uid).pixels(Value::Words(gradient()));
        assert_eq!(grays(&file, 0), gradient(), "{uid}");
    }
}

#[test]
fn monochrome1_is_inverted() {
    let file = Dicom::new(EXPLICIT_LITTLE)
        .samples(1, "MONOCHROME1")
        .bytes(&gradient());
    let inverted: Vec<u8> = gradient().iter().map(|v| 255 - v).collect();
    assert_eq!(grays(&file, 0), inverted);
}

#[test]
fn frames_are_told_apart() {
    let [first, second, third] = planes();
    let all = [first.clone(), second.clone(), third.clone()].concat();
    let plain = Dicom::new(EXPLICIT_LITTLE).frames("3").bytes(&all);
    let fragments = planes().map(|plane| rle(&[plane])).to_vec();
    let packed = Dicom::new(RLE)
        .frames("3")
        .pixels(Value::Fragments(fragments));
    for file in [plain, packed] {
        assert_eq!(grays(&file, 0), first);
        assert_eq!(grays(&file, 1), second);
        assert_eq!(grays(&file, 2), third);
        assert_eq!(
            decode(&file.write(), 3, &Limits::default()).unwrap_err(),
            DicomError::FrameOutOfRange {
                frame: 3,
                frames: 3
            }
        );
    }
}

#[test]
fn rgb_becomes_luma_in_both_layouts() {
    let planes = planes();
    let file = Dicom::new(EXPLICIT_LITTLE).samples(3, "RGB");
    let together = file.clone().bytes(&interleave(&planes));
    let apart = file
        .with(0x0028_0006, Value::U16(vec![1]))
        .bytes(&planes.concat());
    let packed = Dicom::new(RLE)
        .samples(3, "RGB")
        .pixels(Value::Fragments(vec![rle(&planes)]));
    for file in [together, apart, packed] {
        assert_eq!(grays(&file, 0), lumas(&planes));
    }
}

#[test]
fn ybr_gives_its_luma() {
    let planes = planes();
    let full = Dicom::new(EXPLICIT_LITTLE)
        .samples(3, "YBR_FULL")
        .bytes(&interleave(&planes));
    let pairs: Vec<u8> = gradient()
        .chunks(2)
        .flat_map(|pair| [pair[0], pair[1], 90, 160])
        .collect();
    let shared = Dicom::new(EXPLICIT_LITTLE)
        .samples(3, "YBR_FULL_422")
        .bytes(&pairs);
    for file in [full, shared] {
        assert_eq!(grays(&file, 0), gradient());
    }
}

#[test]
fn palette_is_applied_in_every_depth() {
    let file = |descriptor: [u16; 3], tables: [Value; 3]| {
        let mut file = Dicom::new(EXPLICIT_LITTLE)
            .samples(1, "PALETTE COLOR")
            .bytes(&gradient());
        for (channel, table) in (0..).zip(tables) {
            file = file
                .with(0x0028_1101 + channel, Value::U16(descriptor.to_vec()))
                .with(0x0028_1201 + channel, table);
        }
        file
    };
    let colours: [Vec<u8>; 3] = [1, 3, 5].map(|factor| {
        (0..=u8::MAX)
            .map(|index| index.wrapping_mul(factor))
            .collect()
    });
    let expected: Vec<u8> = gradient()
        .iter()
        .map(|&index| luma([0, 1, 2].map(|c: usize| colours[c][usize::from(index)])))
        .collect();
    let words = |shift: u16| {
        colours.clone().map(|channel| {
            Value::U16(
                channel
                    .iter()
                    .map(|&value| u16::from(value) << shift)
                    .collect(),
            )
        })
    };
    let packed = colours.clone().map(Value::Bytes);
    assert_eq!(grays(&file([256, 0, 16], words(8)), 0), expected);
    assert_eq!(grays(&file([256, 0, 8], words(0)), 0), expected);
    assert_eq!(grays(&file([256, 0, 8], packed), 0), expected);

    // indices outside take the nearest end
    let short = [0, 1, 2].map(|_| Value::U16(vec![50 << 8, 60 << 8, 70 << 8]));
    let clamped: Vec<u8> = gradient()
        .iter()
        .map(|&index| [50, 60, 70][usize::from(index.saturating_sub(100).min(2))])
        .collect();
    assert_eq!(grays(&file([3, 100, 16], short), 0), clamped);
}

#[test]
fn deep_grey_is_spread_over_the_bits_that_are_stored() {
    let values: Vec<u16> = gradient()
        .iter()
        .map(|&v| 1000 + 10 * u16::from(v))
        .collect();
    let expected: Vec<u8> = values
        .iter()
        .map(|&v| (f64::from(v) / 4095.0 * 255.0).round() as u8)
        .collect();
    for uid in [IMPLICIT_LITTLE, EXPLICIT_LITTLE, EXPLICIT_BIG] {
        let file = Dicom::new(uid).bits(16, 12, 11);
        assert_eq!(grays(&file.pixels(Value::U16(values.clone())), 0), expected);
    }
    let bytes = |shift: u16| values.iter().map(|v| (v >> shift) as u8).collect();
    let packed = Dicom::new(RLE)
        .bits(16, 12, 11)
        .pixels(Value::Fragments(vec![rle(&[bytes(8), bytes(0)])]));
    assert_eq!(grays(&packed, 0), expected);
    let lossless = Dicom::new(JPEG_LOSSLESS)
        .bits(16, 12, 11)
        .pixels(Value::Fragments(vec![jpeg::lossless(&values, 1, 12)]));
    assert_eq!(grays(&lossless, 0), expected);
}

#[test]
fn deep_grey_without_contrast_keeps_its_brightness() {
    let file = Dicom::new(EXPLICIT_LITTLE)
        .bits(16, 16, 15)
        .pixels(Value::U16(vec![777; PIXELS]));
    // 777 of the 1023 that ten bits hold
    assert_eq!(grays(&file, 0), [194; PIXELS]);
}

#[test]
fn deep_signed_grey_goes_through_rescale_and_window() {
    // stored -100 … 155, rescaled to -200 … 310 by slope 2
    let stored: Vec<u16> = gradient()
        .iter()
        .map(|&v| (i16::from(v) - 100) as u16)
        .collect();
    let file = Dicom::new(EXPLICIT_LITTLE)
        .bits(16, 16, 15)
        .with(0x0028_0103, Value::U16(vec![1]))
        .with(0x0028_1050, Value::Text("50.5\\7"))
        .with(0x0028_1051, Value::Text("101\\9"))
        .with(0x0028_1052, Value::Text("0"))
        .with(0x0028_1053, Value::Text("2"))
        .pixels(Value::U16(stored));
    // PS3.3 C.11.2.1.2 with center 50.5 and width 101: 0 is black, 100 is white
    let expected: Vec<u8> = gradient()
        .iter()
        .map(|&v| {
            ((f64::from(v) - 100.0) / 50.0 * 255.0)
                .clamp(0.0, 255.0)
                .round() as u8
        })
        .collect();
    assert_eq!(grays(&file, 0), expected);
}

#[test]
fn window_does_not_change_grey_of_eight_bits() {
    let file = Dicom::new(EXPLICIT_LITTLE)
        .with(0x0028_1050, Value::Text("10"))
        .with(0x0028_1051, Value::Text("5"))
        .bytes(&gradient());
    assert_eq!(grays(&file, 0), gradient());
}

#[test]
fn lossless_jpeg_is_lossless() {
    let samples: Vec<u16> = gradient().into_iter().map(u16::from).collect();
    let grey =
        Dicom::new(JPEG_LOSSLESS).pixels(Value::Fragments(vec![jpeg::lossless(&samples, 1, 8)]));
    assert_eq!(grays(&grey, 0), gradient());

    let planes = planes();
    let samples: Vec<u16> = interleave(&planes).into_iter().map(u16::from).collect();
    let rgb = Dicom::new(JPEG_LOSSLESS)
        .samples(3, "RGB")
        .pixels(Value::Fragments(vec![jpeg::lossless(&samples, 3, 8)]));
    assert_eq!(grays(&rgb, 0), lumas(&planes));
}

#[test]
fn baseline_jpeg_is_close() {
    let smooth: Vec<u8> = (0..PIXELS)
        .map(|at| (at % 22 * 4 + at / 22 * 3) as u8)
        .collect();
    let grey = jpeg::baseline(&smooth, ExtendedColorType::L8);
    let file = Dicom::new(JPEG_BASELINE).pixels(Value::Fragments(vec![grey]));
    assert_close(&grays(&file, 0), &smooth, 2);
}

#[test]
fn colour_of_a_baseline_jpeg_is_told_by_its_markers() {
    let red: Vec<u8> = (0..PIXELS)
        .flat_map(|at| [(at / 22 * 10) as u8, 40, 90])
        .collect();
    let expected: Vec<u8> = red.chunks(3).map(|p| luma([p[0], p[1], p[2]])).collect();
    // written as YCbCr with a JFIF marker, whatever the header says
    let jpeg = jpeg::baseline(&red, ExtendedColorType::Rgb8);
    for photometric in ["YBR_FULL_422", "YBR_FULL", "RGB"] {
        let file = Dicom::new(JPEG_BASELINE)
            .samples(3, photometric)
            .pixels(Value::Fragments(vec![jpeg.clone()]));
        assert_close(&grays(&file, 0), &expected, 3);
    }
    // the same components under a marker that says they are red, green and blue
    let mut adobe = vec![0xff, 0xd8];
    jpeg::segment(0xee, b"Adobe\0\x64\0\0\0\0\0", &mut adobe);
    adobe.extend(&jpeg[2..]);
    let file = Dicom::new(JPEG_BASELINE)
        .samples(3, "RGB")
        .pixels(Value::Fragments(vec![adobe]));
    let taken_for_rgb: Vec<u8> = red
        .chunks(3)
        .map(|p| {
            let [r, g, b] = [p[0], p[1], p[2]].map(f64::from);
            let y = 0.299 * r + 0.587 * g + 0.114 * b;
            let chroma = |c: f64, scale: f64| ((c - y) * scale + 128.0).round() as u8;
            luma([y.round() as u8, chroma(b, 0.564), chroma(r, 0.713)])
        })
        .collect();
    assert_close(&grays(&file, 0), &taken_for_rgb, 3);
}

#[test]
fn jpeg_may_be_cut_into_fragments() {
    let images = [planes()[0].clone(), planes()[2].clone()];
    let fragments = images
        .iter()
        .map(|image| image.iter().map(|&v| v.into()).collect::<Vec<u16>>())
        .flat_map(|samples| {
            let jpeg = jpeg::lossless(&samples, 1, 8);
            // even, as fragments are, or the padding would end up inside
            let (head, tail) = jpeg.split_at(100);
            [head.to_vec(), tail.to_vec()]
        })
        .collect();
    let file = Dicom::new(JPEG_LOSSLESS)
        .frames("2")
        .pixels(Value::Fragments(fragments));
    assert_eq!(grays(&file, 0), images[0]);
    assert_eq!(grays(&file, 1), images[1]);
}
