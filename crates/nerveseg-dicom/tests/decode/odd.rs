//! Files that lie about themselves, as people have them: read as what they are, or refused with the
//! numbers, but never misread.

use nerveseg_dicom::{DicomError, Frame, Limits, decode, decode_among, is_dicom};

use crate::dicom::{
    Dicom, EXPLICIT_BIG, EXPLICIT_LITTLE, HEIGHT, IMPLICIT_LITTLE, JPEG_LOSSLESS, PIXELS, RLE,
    Value, WIDTH, gradient, rle,
};
use crate::jpeg;

fn read(file: &[u8], frame: u32) -> Result<Frame, DicomError> {
    decode(file, frame, &Limits::default())
}

fn grays(file: &Dicom) -> Vec<u8> {
    read(&file.write(), 0).unwrap().pixels.into_raw()
}

fn plain() -> Dicom {
    Dicom::new(EXPLICIT_LITTLE)
}

fn fragments(uid: &'static str, fragments: Vec<Vec<u8>>) -> Dicom {
    Dicom::new(uid).pixels(Value::Fragments(fragments))
}

fn lossless(values: &[u8]) -> Vec<u8> {
    let samples: Vec<u16> = values.iter().map(|&value| value.into()).collect();
    jpeg::lossless(&samples, 1, 8)
}

/// Each value, then two chromas.
fn full_chroma(values: &[u8]) -> Vec<u8> {
    values.iter().flat_map(|&value| [value, 90, 160]).collect()
}

/// Two values, then the chromas that they share.
fn shared_chroma(values: &[u8]) -> Vec<u8> {
    let pairs = values.chunks(2);
    pairs.flat_map(|pair| [pair[0], pair[1], 90, 160]).collect()
}

/// The file without preamble and file meta information.
fn data_set(file: &Dicom) -> Vec<u8> {
    file.write()
        .split_off(132 + 8 + file.uid.len().next_multiple_of(2))
}

#[test]
fn length_of_the_pixels_tells_what_they_are() {
    let second: Vec<u8> = gradient().iter().rev().copied().collect();
    let ybr = |photometric| plain().samples(3, photometric);
    let shared = ybr("YBR_FULL_422");
    let odd = |file: Dicom| file.size(WIDTH / 2, HEIGHT);
    let planes = [gradient(), vec![90; PIXELS], vec![160; PIXELS]].concat();
    let two = full_chroma(&[gradient(), second].concat());
    let narrow = gradient()[..PIXELS / 2].to_vec();
    for (name, file, expected) in [
        (
            "shared",
            shared.clone().bytes(&shared_chroma(&gradient())),
            gradient(),
        ),
        (
            "shared by the header, in full",
            shared.clone().bytes(&full_chroma(&gradient())),
            gradient(),
        ),
        (
            "the same in planes",
            shared
                .clone()
                .with(0x0028_0006, Value::U16(vec![1]))
                .bytes(&planes),
            gradient(),
        ),
        (
            "the same in two frames",
            shared.clone().frames("2").bytes(&two),
            gradient(),
        ),
        (
            "the same in odd columns",
            odd(shared).bytes(&full_chroma(&narrow)),
            narrow.clone(),
        ),
        (
            "an odd length is padded",
            odd(plain()).bytes(&narrow),
            narrow,
        ),
    ] {
        assert_eq!(grays(&file), expected, "{name}");
    }
}

#[test]
fn length_that_contradicts_the_header_is_refused_with_the_numbers() {
    let stored = |times: usize| vec![7; PIXELS * times];
    let words = |samples: u16| plain().bits(16, 16, 15).samples(samples, "MONOCHROME2");
    let colour = |photometric| plain().samples(3, photometric);
    for (name, file, numbers) in [
        (
            "RGB called grey",
            plain().bytes(&stored(3)),
            "1122 bytes of pixel data, where the header asks for 374 (frames 1, pixels 22x17, samples 1, bits 8)",
        ),
        (
            "16 bits called 8",
            plain().bytes(&stored(2)),
            "748 bytes of pixel data, where the header asks for 374 ",
        ),
        (
            "8 bits called 16",
            words(1).bytes(&stored(1)),
            "374 bytes of pixel data, where the header asks for 748 (frames 1, pixels 22x17, samples 1, bits 16)",
        ),
        (
            "grey called RGB",
            colour("RGB").bytes(&stored(1)),
            "asks for 1122 ",
        ),
        (
            "shared called full",
            colour("YBR_FULL").bytes(&stored(2)),
            "asks for 1122 ",
        ),
        (
            "grey called shared",
            colour("YBR_FULL_422").bytes(&stored(1)),
            "asks for 748 ",
        ),
        (
            "a frame and a half",
            plain().frames("2").bytes(&vec![7; PIXELS * 3 / 2]),
            "562 bytes of pixel data, where the header asks for 748 (frames 2,",
        ),
        (
            "more frames than it says",
            plain().frames("2").bytes(&stored(3)),
            "1122 bytes",
        ),
        (
            "no number of frames",
            plain().bytes(&stored(5)),
            "1870 bytes",
        ),
        (
            "narrower than it says",
            plain().size(WIDTH + 1, HEIGHT).bytes(&stored(1)),
            "pixels 23x17",
        ),
        (
            "wider than it says",
            plain().size(WIDTH - 1, HEIGHT).bytes(&stored(1)),
            "pixels 21x17",
        ),
    ] {
        let error = read(&file.write(), 0).unwrap_err().to_string();
        assert!(error.contains(numbers), "{name}: {error}");
    }
}

#[test]
fn run_lengths_of_another_size_are_refused() {
    let black = fragments(RLE, vec![rle(&[vec![0; PIXELS]])]);
    for (columns, rows) in [(WIDTH - 1, HEIGHT), (WIDTH, HEIGHT - 1)] {
        for file in [
            fragments(RLE, vec![rle(&[gradient()])]),
            // its last run reaches beyond the smaller frame
            black.clone(),
        ] {
            let error = read(&file.size(columns, rows).write(), 0).unwrap_err();
            assert!(error.to_string().contains("unpacks to more"), "{error}");
        }
    }
}

#[test]
fn frames_that_are_there_are_answered_and_missing_ones_are_named() {
    let second: Vec<u8> = gradient().iter().rev().copied().collect();
    let both = [gradient(), second.clone()].concat();
    for (name, file) in [
        ("plain", plain().bytes(&both)),
        (
            "plain, shared chroma",
            plain()
                .samples(3, "YBR_FULL_422")
                .bytes(&shared_chroma(&both)),
        ),
        (
            "run lengths",
            fragments(
                RLE,
                vec![rle(&[gradient()]), rle(std::slice::from_ref(&second))],
            ),
        ),
        (
            "JPEG",
            fragments(
                JPEG_LOSSLESS,
                vec![lossless(&gradient()), lossless(&second)],
            ),
        ),
    ] {
        let file = file.frames("4").write();
        for (index, expected) in [(0, gradient()), (1, second.clone())] {
            let frame = read(&file, index).unwrap();
            assert_eq!((frame.index, frame.count), (index, 2), "{name}");
            assert_eq!(frame.pixels.into_raw(), expected, "{name}");
        }
        for (index, message) in [
            (
                2,
                "frame 2 is missing: the header says 4 frames, the file holds 2",
            ),
            (
                4,
                "frame 4 was asked for, but the DICOM file has 2, counted from 0",
            ),
        ] {
            assert_eq!(
                read(&file, index).unwrap_err().to_string(),
                message,
                "{name}"
            );
        }
    }
}

/// Each of them says itself how large it is, so that none can be taken for a part of another.
#[test]
fn compressed_frames_that_the_header_forgot_are_counted() {
    let second: Vec<u8> = gradient().iter().rev().copied().collect();
    for file in [
        fragments(
            RLE,
            vec![rle(&[gradient()]), rle(std::slice::from_ref(&second))],
        ),
        fragments(
            JPEG_LOSSLESS,
            vec![lossless(&gradient()), lossless(&second)],
        ),
    ] {
        let frame = read(&file.write(), 1).unwrap();
        assert_eq!(frame.count, 2);
        assert_eq!(frame.pixels.into_raw(), second);
    }
}

#[test]
fn run_lengths_cut_into_fragments_are_put_together() {
    let frame = rle(&[gradient()]);
    let (head, tail) = frame.split_at(200);
    let file = fragments(RLE, vec![head.to_vec(), tail.to_vec()]);
    assert_eq!(grays(&file), gradient());
    assert_eq!(read(&file.write(), 0).unwrap().count, 1);
}

#[test]
fn picture_is_as_bright_in_sixteen_bits_as_in_eight() {
    let words =
        |shift: u32| Value::U16(gradient().iter().map(|&v| u16::from(v) << shift).collect());
    for (name, file) in [
        ("8 stored", plain().bits(16, 8, 7).pixels(words(0))),
        (
            "8 stored, at the top",
            plain().bits(16, 8, 15).pixels(words(8)),
        ),
        ("12 stored", plain().bits(16, 12, 11).pixels(words(4))),
        (
            "12 stored, at the top",
            plain().bits(16, 12, 15).pixels(words(8)),
        ),
        ("16 said, 8 used", plain().bits(16, 16, 15).pixels(words(0))),
        (
            "16 said, 10 used",
            plain().bits(16, 16, 15).pixels(words(2)),
        ),
        (
            "16 said, 12 used",
            plain().bits(16, 16, 15).pixels(words(4)),
        ),
        ("16 used", plain().bits(16, 16, 15).pixels(words(8))),
        ("signed, 8 used", {
            let signed = Value::U16(vec![1]);
            plain()
                .bits(16, 16, 15)
                .with(0x0028_0103, signed)
                .pixels(words(0))
        }),
        (
            "JPEG of 8 in 16",
            fragments(JPEG_LOSSLESS, vec![lossless(&gradient())]).bits(16, 12, 11),
        ),
    ] {
        for (found, expected) in grays(&file).iter().zip(gradient()) {
            assert!(found.abs_diff(expected) <= 1, "{name}: {found} {expected}");
        }
    }
}

#[test]
fn dark_frame_is_read_with_the_bits_of_its_file() {
    let dark: Vec<u16> = gradient().iter().map(|&v| v.into()).collect();
    let bright: Vec<u16> = dark.iter().map(|it| it << 4).collect();
    let plane = |shift: u32| bright.iter().map(|it| (it >> shift) as u8).collect();
    let rle_of = |high: Vec<u8>, low: Vec<u8>| rle(&[high, low]);
    let frames = vec![
        rle_of(vec![0; PIXELS], gradient()),
        rle_of(plane(8), plane(0)),
    ];
    let of_twelve = |&sample: &u16| ((u32::from(sample) * 255 + 2047) / 4095) as u8;
    let expected: Vec<u8> = dark.iter().map(of_twelve).collect();
    for (name, file) in [
        (
            "plain",
            plain().pixels(Value::U16([dark, bright.clone()].concat())),
        ),
        ("RLE", fragments(RLE, frames)),
    ] {
        let file = file.frames("2").bits(16, 16, 15).write();

        let frames = [0, 1].map(|frame| read(&file, frame).unwrap());

        assert_eq!(
            frames.each_ref().map(|it| it.seen_bits),
            [Some(12); 2],
            "{name}"
        );
        assert_eq!(frames[0].pixels.as_raw(), &expected, "{name}");
    }
}

#[test]
fn neighbours_in_other_files_say_how_many_bits_there_are_at_least() {
    let words = || Value::U16(gradient().iter().map(|&v| v.into()).collect());
    let window = |file: Dicom| {
        file.with(0x0028_1050, Value::Text("128"))
            .with(0x0028_1051, Value::Text("256"))
    };
    let signed = |file: Dicom| file.with(0x0028_0103, Value::U16(vec![1]));
    let open = plain().bits(16, 16, 15).pixels(words());
    let negative = Value::U16(vec![0xffff; PIXELS]);
    for (name, file, expected) in [
        ("16 said", open.clone(), Some(12)),
        ("signed", signed(open.clone()), Some(12)),
        ("negative", signed(open.clone()).pixels(negative), None),
        ("12 said", open.clone().bits(16, 12, 11), None),
        ("a window", window(open), None),
        ("8 bits", plain().bytes(&gradient()), None),
    ] {
        let file = file.write();
        let alone = read(&file, 0).unwrap();

        let frame = decode_among(&file, 0, &Limits::default(), 12).unwrap();

        assert_eq!(frame.seen_bits, expected, "{name}");
        assert_eq!(alone.seen_bits, expected.map(|_| 8), "{name}");
        assert_eq!(frame.pixels == alone.pixels, expected.is_none(), "{name}");
    }
}

#[test]
fn signed_values_run_from_the_lowest_to_the_highest_that_fit() {
    let values = gradient()
        .iter()
        .map(|&v| (i16::from(v) - 128) as u16)
        .collect();
    let file = plain()
        .bits(16, 8, 7)
        .with(0x0028_0103, Value::U16(vec![1]))
        .pixels(Value::U16(values));
    assert_eq!(grays(&file), gradient());
}

#[test]
fn bits_beyond_those_that_are_stored_are_refused() {
    let file = plain()
        .bits(16, 8, 7)
        .pixels(Value::U16(vec![0x0fff; PIXELS]));
    let error = read(&file.write(), 0).unwrap_err().to_string();
    assert!(error.contains("8 are stored"), "{error}");
}

#[test]
fn file_without_preamble_or_meta_information_is_read() {
    let base = |uid| {
        Dicom::new(uid)
            .with(0x0008_0005, Value::Text("ISO_IR 100"))
            .with(0x0008_0060, Value::Text("US"))
    };
    let mut files = Vec::new();
    for uid in [IMPLICIT_LITTLE, EXPLICIT_LITTLE, EXPLICIT_BIG] {
        let file = base(uid).bytes(&gradient());
        files.push(("nothing but the data set", data_set(&file)));
        files.push(("`DICM` at once", file.write().split_off(128)));
        files.push((
            "`DICM`, no meta",
            [&[0; 128], &b"DICM"[..], &data_set(&file)].concat(),
        ));
    }
    let plain = base(EXPLICIT_LITTLE).bytes(&gradient());
    files.push(("meta, no `DICM`", plain.write().split_off(132)));
    for (uid, frame) in [
        (RLE, rle(&[gradient()])),
        (JPEG_LOSSLESS, lossless(&gradient())),
    ] {
        let file = base(uid).pixels(Value::Fragments(vec![frame]));
        files.push(("compressed, unsaid", data_set(&file)));
    }
    for (name, bytes) in files {
        assert!(is_dicom(&bytes), "{name}");
        let frame = read(&bytes, 0).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!(frame.pixels.into_raw(), gradient(), "{name}");
    }
}

#[test]
fn other_files_are_not_taken_for_a_data_set() {
    let good = data_set(
        &plain()
            .with(0x0008_0005, Value::Text("ISO_IR 100"))
            .with(0x0008_0060, Value::Text("US"))
            .bytes(&gradient()),
    );
    assert!(is_dicom(&good));
    let mut descending = good.clone();
    descending[2] = 0x70;
    let mut unknown = good.clone();
    unknown[6] = 0xff;
    for (name, bytes) in [
        ("descending", &descending[..]),
        ("a length beyond the end", &unknown),
        ("cut in the second element", &good[..22]),
        ("two bytes", &[8, 0]),
        ("words", &[8, 0].repeat(1000)),
        ("letters", b"\x08\0\x05\0CSCSCSCSCSCSCSCSCSCSCSCSCS"),
        ("zeros", &[&[8, 0][..], &[0; 500]].concat()),
        ("a TIFF", b"II*\0\x08\0\0\0\0\0\0\0\0\0\0\0"),
        ("a big TIFF", b"MM\0*\0\0\0\x08\0\0\0\0\0\0\0\0"),
        ("text", b"DICOM is a standard"),
    ] {
        assert!(!is_dicom(bytes), "{name}");
        assert_eq!(read(bytes, 0).unwrap_err(), DicomError::NotDicom, "{name}");
    }
}
