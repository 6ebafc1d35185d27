//! Files that mean harm: each is refused with a reason, quickly and in little memory.

use std::time::{Duration, Instant};

use nerveseg_dicom::{DicomError, Limits, decode, is_dicom};

use crate::dicom::{
    Dicom, EXPLICIT_LITTLE, IMPLICIT_LITTLE, JPEG_BASELINE, JPEG_LOSSLESS, PIXELS, RLE, Value,
    gradient, rle,
};
use crate::jpeg;

fn good() -> Dicom {
    Dicom::new(EXPLICIT_LITTLE).bytes(&gradient())
}

fn fragment(uid: &'static str, fragment: Vec<u8>) -> Dicom {
    Dicom::new(uid).pixels(Value::Fragments(vec![fragment]))
}

fn error_of(file: &[u8]) -> DicomError {
    let begin = Instant::now();
    let error = decode(file, 0, &Limits::default()).unwrap_err();
    assert!(
        begin.elapsed() < Duration::from_secs(1),
        "{:?}",
        begin.elapsed()
    );
    error
}

#[track_caller]
fn assert_error(file: &Dicom, expected: &str) {
    let message = error_of(&file.write()).to_string();
    assert!(message.contains(expected), "{message}");
}

/// Sequences in sequences, none of them closed, before the elements of a good file.
fn nested(uid: &'static str, levels: usize) -> Vec<u8> {
    let mut file = Dicom::new(uid).bytes(&gradient()).write();
    let data_set = file.split_off(132 + 8 + uid.len().next_multiple_of(2));
    for _ in 0..levels {
        file.extend([0x08, 0, 0x40, 0x11]);
        if uid == EXPLICIT_LITTLE {
            file.extend(b"SQ\0\0");
        }
        file.extend([0xff; 4]);
        file.extend([0xfe, 0xff, 0x00, 0xe0, 0xff, 0xff, 0xff, 0xff]);
    }
    file.extend(data_set);
    file
}

/// A JPEG that claims to be of this size.
fn jpeg_of_size(width: u16, height: u16) -> Vec<u8> {
    let grey = image::ExtendedColorType::L8;
    let mut jpeg = jpeg::baseline(&gradient(), grey);
    let frame = jpeg
        .windows(2)
        .position(|pair| pair == [0xff, 0xc0])
        .unwrap();
    jpeg[frame + 5..frame + 7].copy_from_slice(&height.to_be_bytes());
    jpeg[frame + 7..frame + 9].copy_from_slice(&width.to_be_bytes());
    jpeg
}

#[test]
fn other_files_are_not_dicom() {
    for bytes in [
        &b""[..],
        b"\x89PNG\r\n\x1a\n",
        &[0; 132],
        &good().write()[..131],
    ] {
        assert!(!is_dicom(bytes));
        assert_eq!(error_of(bytes), DicomError::NotDicom);
    }
}

#[test]
fn file_cut_anywhere_is_refused() {
    let tissue = vec![((0x0018, 0x6012), Value::U16(vec![1]))];
    let base = |uid| Dicom::new(uid).with(0x0018_6011, Value::Items(vec![tissue.clone()], true));
    let samples: Vec<u16> = gradient().into_iter().map(u16::from).collect();
    for file in [
        base(EXPLICIT_LITTLE).bytes(&gradient()),
        base(IMPLICIT_LITTLE).bytes(&gradient()),
        base(RLE).pixels(Value::Fragments(vec![rle(&[gradient()])])),
        base(JPEG_LOSSLESS).pixels(Value::Fragments(vec![jpeg::lossless(&samples, 1, 8)])),
    ] {
        let bytes = file.write();
        decode(&bytes, 0, &Limits::default()).unwrap();
        for length in 0..bytes.len() {
            error_of(&bytes[..length]);
        }
    }
}

#[test]
fn limits_are_kept() {
    let file = good().frames("1").write();
    let exact = Limits {
        bytes: file.len() as u64,
        pixels: PIXELS as u64,
        frames: 1,
    };
    decode(&file, 0, &exact).unwrap();
    for (limits, unit) in [
        (
            Limits {
                bytes: exact.bytes - 1,
                ..exact
            },
            "bytes",
        ),
        (
            Limits {
                pixels: exact.pixels - 1,
                ..exact
            },
            "pixels a frame",
        ),
        (Limits { frames: 0, ..exact }, "frames"),
    ] {
        let error = decode(&file, 0, &limits).unwrap_err();
        assert!(
            matches!(&error, DicomError::TooLarge { unit: found, .. } if found == unit),
            "{error:?}"
        );
    }
}

#[test]
fn unsupported_syntax_is_named() {
    for (uid, name) in [
        ("1.2.840.10008.1.2.4.90", "JPEG 2000"),
        ("1.2.840.10008.1.2.4.80", "JPEG-LS"),
        ("1.2.840.10008.1.2.1.99", "Deflated"),
        ("1.2.3.4", "unknown"),
    ] {
        let mut file = fragment(JPEG_BASELINE, vec![0; 100]);
        file.uid = uid;
        let error = error_of(&file.write());
        assert!(
            matches!(error, DicomError::UnsupportedTransferSyntax { .. }),
            "{error:?}"
        );
        assert!(error.to_string().contains(name), "{error}");
    }
}

#[test]
fn file_without_an_image_says_so() {
    let report = good().without(0x7fe0_0010).write();
    assert_eq!(error_of(&report), DicomError::NoPixelData);
}

#[test]
fn sizes_that_do_not_fit_the_pixels_are_refused() {
    assert_error(&good().size(0, 0), "0x0 pixels");
    assert_error(&good().size(0, 17), "0x17 pixels");
    assert_error(&good().size(65535, 65535), "4294836225 pixels a frame");
    assert_error(&good().size(4096, 4096), "374 bytes of pixel data");
    assert_error(&good().size(22, 18), "374 bytes of pixel data");
    assert_error(&good().bits(16, 16, 15), "374 bytes of pixel data");
    assert_error(&good().frames("4294967295"), "4294967295 frames");
    for frames in ["0", "-1", "4294967296", "1.5", "many", ""] {
        assert_error(&good().frames(frames), "number of frames");
    }
    assert_error(&good().without(0x0028_0010), "no `Rows`");
    assert_error(
        &good().with(0x0028_0011, Value::Bytes(vec![])),
        "no `Columns`",
    );
}

#[test]
fn headers_that_make_no_sense_are_refused() {
    assert_error(&good().bits(32, 32, 31), "32 bits allocated");
    assert_error(&good().bits(1, 1, 0), "1 bits allocated");
    assert_error(&good().bits(8, 0, 7), "0 bits stored");
    assert_error(&good().bits(8, 9, 8), "9 bits stored");
    assert_error(&good().bits(8, 8, 65535), "8 bits stored");
    assert_error(&good().samples(3, "MONOCHROME2"), "3 samples per pixel");
    assert_error(&good().samples(65535, "RGB"), "65535 samples per pixel");
    assert_error(&good().samples(1, "HSV"), "`HSV`");
    assert_error(&good().samples(1, "<b>x</b>"), "not a name");
    assert_error(&good().samples(1, "PALETTE COLOR"), "without a palette");
    assert_error(&fragment(EXPLICIT_LITTLE, gradient()), "do not fit");
    let mut plain = good();
    plain.uid = RLE;
    assert_error(&plain, "do not fit");
}

#[test]
fn palettes_that_make_no_sense_are_refused() {
    let palette = |descriptor: &[u16], table: usize| {
        (0..3).fold(good().samples(1, "PALETTE COLOR"), |file, channel| {
            file.with(0x0028_1101 + channel, Value::U16(descriptor.to_vec()))
                .with(0x0028_1201 + channel, Value::Bytes(vec![1; table]))
        })
    };
    assert_error(&palette(&[0, 0, 16], 512), "as many entries");
    assert_error(&palette(&[256, 0, 16], 510), "as many entries");
    assert_error(&palette(&[256, 0, 17], 512), "as many entries");
    assert_error(&palette(&[256], 512), "ends inside the palette");
    let uneven = palette(&[256, 0, 16], 512).with(0x0028_1103, Value::U16(vec![1, 0, 16]));
    assert_error(&uneven, "differ in size");
}

#[test]
fn nested_sequences_end_at_a_bound() {
    for uid in [IMPLICIT_LITTLE, EXPLICIT_LITTLE] {
        for levels in [33, 5_000, 500_000] {
            let error = error_of(&nested(uid, levels));
            assert!(
                matches!(&error, DicomError::TooLarge { unit, .. } if unit.contains("nested")),
                "{error:?}"
            );
        }
    }
}

#[test]
fn delimiters_out_of_place_are_refused() {
    let closed = |delimiter: [u8; 4]| {
        let mut file = nested(EXPLICIT_LITTLE, 1);
        let at = file
            .windows(4)
            .position(|tag| tag == [0xfe, 0xff, 0, 0xe0])
            .unwrap();
        file[at..at + 4].copy_from_slice(&delimiter);
        file
    };
    for delimiter in [[0xfe, 0xff, 0x0d, 0xe0], [0x08, 0, 0x40, 0x11]] {
        let error = error_of(&closed(delimiter));
        assert!(error.to_string().contains("nest"), "{error}");
    }
}

#[test]
fn jpeg_of_another_size_is_refused_before_it_is_decoded() {
    assert_error(
        &fragment(JPEG_BASELINE, jpeg_of_size(65535, 65535)),
        "65535x65535",
    );
    assert_error(&fragment(JPEG_BASELINE, jpeg_of_size(22, 18)), "22x18");
    let consistent = fragment(JPEG_BASELINE, jpeg_of_size(65535, 65535)).size(65535, 65535);
    assert_error(&consistent, "4294836225 pixels a frame");
}

#[test]
fn jpeg_that_takes_long_or_is_decoded_wrongly_is_refused() {
    let samples: Vec<u16> = gradient().into_iter().map(u16::from).collect();
    let lossless = jpeg::lossless(&samples, 1, 8);
    let inserted = |marker: u8, content: &[u8]| {
        let mut jpeg = vec![0xff, 0xd8];
        jpeg::segment(marker, content, &mut jpeg);
        jpeg.extend(&lossless[2..]);
        fragment(JPEG_LOSSLESS, jpeg)
    };
    assert_error(&inserted(0xdd, &[0, 5]), "restarts");
    assert_error(
        &inserted(0xc3, &[8, 0, 17, 0, 22, 1, 1, 0x11, 0]),
        "several frames",
    );
    assert_error(&inserted(0xc0, &[8, 0]), "too short");

    let at = lossless
        .windows(2)
        .position(|pair| pair == [0xff, 0xc3])
        .unwrap();
    for (process, reason) in [
        (0xc2, "progressive"),
        (0xc5, "process 5"),
        (0xc9, "process 9"),
    ] {
        let mut other = lossless.clone();
        other[at + 1] = process;
        assert_error(&fragment(JPEG_LOSSLESS, other), reason);
    }
    let mut deep = lossless.clone();
    deep[at + 4] = 12;
    assert_error(&fragment(JPEG_LOSSLESS, deep), "more bits per sample");

    // an empty scan takes 10 bytes in the file, and time for the whole image
    let mut scans = lossless[..lossless.len() - 2].to_vec();
    for _ in 0..1000 {
        jpeg::segment(0xda, &[1, 1, 0, 1, 0, 0], &mut scans);
    }
    scans.extend([0xff, 0xd9]);
    assert_error(&fragment(JPEG_LOSSLESS, scans), "more scans");
    assert_error(
        &fragment(JPEG_LOSSLESS, vec![0xff; 5000]),
        "ends inside the pixel data",
    );
}

#[test]
fn run_lengths_that_lead_astray_are_refused() {
    let frame = rle(&[gradient()]);
    let changed = |at: usize, number: u32| {
        let mut frame = frame.clone();
        frame[at..at + 4].copy_from_slice(&number.to_le_bytes());
        fragment(RLE, frame)
    };
    assert_error(&changed(0, u32::MAX), "expected 1 run-length segments");
    assert_error(&changed(0, 3), "expected 1 run-length segments");
    assert_error(&changed(4, u32::MAX), "outside its frame");
    assert_error(&changed(4, 100), "ends inside a run-length segment");
    assert_error(&fragment(RLE, vec![1, 0, 0]), "run-length header");
    assert_error(
        &Dicom::new(RLE).pixels(Value::Fragments(vec![])),
        "ends inside the pixel",
    );
    let large = fragment(RLE, frame.clone()).size(4096, 4096);
    assert_error(&large, "ends inside a run-length segment");
}
