//! Odd pictures as a table: a file, a frame of it, and what is to be read.
//!
//! Rows are for what people have or report. `scripts/reference/grey_values.py` compares some hundred
//! files of every kind with other readers.

use std::error::Error as _;
use std::io::Cursor;

use image::metadata::Orientation;
use image::{DynamicImage, GrayImage, ImageEncoder as _, Luma};
use nerveseg_data::{DataError, Dataset, MaskValues, ReadLimits, Reader, read_mask};
use tiff::encoder::{ImageEncoder, TiffEncoder, TiffKindStandard, colortype};
use tiff::tags::Tag;

use crate::dicom_file::dicom;
use crate::util::{Folder, HEIGHT, RawTiff, WIDTH, chunk, mask_image, png, texture};

const SUBFILE: Tag = Tag::NewSubfileType;

/// What is to be read.
enum Expected {
    Picture(GrayImage),
    /// Words of the error.
    Refusal(&'static str),
}
use Expected::{Picture, Refusal};

fn picture() -> GrayImage {
    texture(WIDTH, HEIGHT)
}

/// The picture in 16-bit samples of `bits` bits.
fn deep(bits: u32) -> Vec<u16> {
    let samples = picture().into_raw().into_iter();
    samples.map(|it| u16::from(it) << (bits - 8)).collect()
}

/// The picture as it comes back from `bits` bits: 255 · 16 of 4095 are 254.
fn from_deep(bits: u32) -> GrayImage {
    let white = (1_u32 << bits) - 1;
    let gray = |it: u16| ((u32::from(it) * 255 + white / 2) / white) as u8;
    let grays = deep(bits).into_iter().map(gray).collect();
    GrayImage::from_raw(WIDTH, HEIGHT, grays).unwrap()
}

fn deep_tiff(samples: &[u16]) -> RawTiff {
    let bytes = samples.iter().flat_map(|it| it.to_le_bytes()).collect();
    RawTiff {
        bits: 16,
        ..RawTiff::gray([HEIGHT as u16, WIDTH as u16], bytes)
    }
}

fn gray_tiff() -> RawTiff {
    RawTiff::gray([HEIGHT as u16, WIDTH as u16], picture().into_raw())
}

fn deep_png(samples: &[u16], chunks: &[u8]) -> Vec<u8> {
    let bytes: Vec<u8> = samples.iter().flat_map(|it| it.to_be_bytes()).collect();
    png([WIDTH, HEIGHT], 16, &bytes, chunks)
}

/// A page of `image` that says `kind` of itself.
type Page = (GrayImage, u32);

fn pages(pages: &[Page]) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    let mut file = TiffEncoder::new(&mut bytes).unwrap();
    for (image, kind) in pages {
        let mut page: ImageEncoder<'_, _, colortype::Gray8, TiffKindStandard> =
            file.new_image(image.width(), image.height()).unwrap();
        page.encoder().write_tag(SUBFILE, *kind).unwrap();
        page.write_data(image.as_raw()).unwrap();
    }
    bytes.into_inner()
}

fn shade(by: u8) -> GrayImage {
    GrayImage::from_fn(WIDTH, HEIGHT, |x, y| Luma([(x * 7 + y * 31) as u8 ^ by]))
}

fn small() -> GrayImage {
    texture(WIDTH / 2, HEIGHT / 2)
}

fn big_tiff() -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    TiffEncoder::new_big(&mut bytes)
        .unwrap()
        .write_image::<colortype::Gray8>(WIDTH, HEIGHT, picture().as_raw())
        .unwrap();
    bytes.into_inner()
}

fn tagged(tag: u16, values: &[u16]) -> Vec<u8> {
    RawTiff {
        tags: vec![(tag, values.to_vec())],
        ..gray_tiff()
    }
    .bytes()
}

#[expect(clippy::too_many_lines, reason = "a table has as many lines as rows")]
fn table() -> Vec<(&'static str, Vec<u8>, u32, Expected)> {
    let said_12 = chunk(*b"sBIT", &[12]);
    let dark: Vec<u16> = deep(12).iter().map(|it| it / 8).collect();
    let dark_of_12 = GrayImage::from_fn(WIDTH, HEIGHT, |x, y| {
        let sample = u32::from(dark[(y * WIDTH + x) as usize]);
        Luma([((sample * 255 + 2047) / 4095) as u8])
    });
    let stack = pages(&[(shade(0), 0), (shade(1), 2), (shade(2), 0)]);
    let mut circle = pages(&[(shade(0), 0), (shade(1), 0)]);
    close_the_circle(&mut circle);
    vec![
        (
            "u8 in 16, TIFF",
            deep_tiff(&deep(8)).bytes(),
            0,
            Picture(picture()),
        ),
        (
            "u8 in 16, PNG",
            deep_png(&deep(8), &[]),
            0,
            Picture(picture()),
        ),
        (
            "u10 in 16, TIFF",
            deep_tiff(&deep(10)).bytes(),
            0,
            Picture(from_deep(10)),
        ),
        (
            "u12 in 16, TIFF",
            deep_tiff(&deep(12)).bytes(),
            0,
            Picture(from_deep(12)),
        ),
        (
            "u12 in 16, PNG",
            deep_png(&deep(12), &[]),
            0,
            Picture(from_deep(12)),
        ),
        (
            "u14 in 16, PNG",
            deep_png(&deep(14), &[]),
            0,
            Picture(from_deep(14)),
        ),
        (
            "u16, PNG",
            deep_png(&deep(16), &[]),
            0,
            Picture(from_deep(16)),
        ),
        (
            "u12 in 16, white is zero",
            RawTiff {
                photometric: 0,
                ..deep_tiff(&deep(12).iter().map(|it| 4095 - it).collect::<Vec<_>>())
            }
            .bytes(),
            0,
            Picture(from_deep(12)),
        ),
        (
            "dark, sBIT says 12",
            deep_png(&dark, &said_12),
            0,
            Picture(dark_of_12.clone()),
        ),
        (
            "dark, MaxSampleValue says 12",
            RawTiff {
                tags: vec![(281, vec![4095])],
                ..deep_tiff(&dark)
            }
            .bytes(),
            0,
            Picture(dark_of_12),
        ),
        (
            "12 bits moved up as PNG has it",
            deep_png(&deep(16), &said_12),
            0,
            Picture(from_deep(16)),
        ),
        ("stack, first", stack.clone(), 0, Picture(shade(0))),
        ("stack, last", stack.clone(), 2, Picture(shade(2))),
        (
            "stack, past the end",
            stack,
            3,
            Refusal("it has 3, counted from 0"),
        ),
        (
            "thumbnail first",
            pages(&[(small(), 0), (shade(1), 0)]),
            0,
            Picture(shade(1)),
        ),
        (
            "thumbnail last",
            pages(&[(shade(1), 0), (small(), 0)]),
            1,
            Refusal("it has 1,"),
        ),
        (
            "reduced, of the same size",
            pages(&[(shade(3), 1), (shade(1), 0)]),
            0,
            Picture(shade(1)),
        ),
        (
            "mask page",
            pages(&[(shade(3), 4), (shade(1), 0)]),
            0,
            Picture(shade(1)),
        ),
        (
            "nothing but reduced",
            pages(&[(shade(3), 1)]),
            0,
            Picture(shade(3)),
        ),
        ("pages in a circle", circle.clone(), 0, Picture(shade(0))),
        (
            "pages in a circle, past the end",
            circle,
            2,
            Refusal("it has 2,"),
        ),
        ("BigTIFF", big_tiff(), 0, Picture(picture())),
        (
            "Zstandard",
            tagged(259, &[50_000]),
            0,
            Refusal("compressed with Zstandard; `tiffcp -c lzw IN OUT`"),
        ),
        (
            "unknown codec",
            tagged(259, &[4711]),
            0,
            Refusal("compressed with method 4711"),
        ),
        (
            "bits in reverse",
            tagged(266, &[2]),
            0,
            Refusal("bits of its bytes are in reverse order"),
        ),
        (
            "LZW tile that ends early",
            RawTiff {
                tags: [
                    (259, vec![5]),
                    (273, vec![]),
                    (278, vec![]),
                    (279, vec![]),
                    (322, vec![32]),
                    (323, vec![32]),
                    (324, vec![8]),
                    (325, vec![2]),
                ]
                .to_vec(),
                ..gray_tiff()
            }
            .bytes(),
            0,
            Refusal("`tiffcp -s IN OUT`"),
        ),
        (
            "predictor alone",
            tagged(317, &[2]),
            0,
            Refusal("has a predictor"),
        ),
        (
            "12 bits packed",
            RawTiff {
                bits: 12,
                ..gray_tiff()
            }
            .bytes(),
            0,
            Refusal("Gray(12)"),
        ),
    ]
}

/// Makes the last page say that the first follows.
fn close_the_circle(bytes: &mut [u8]) {
    let number = |bytes: &[u8], at: usize| {
        u32::from_le_bytes(bytes[at..at + 4].try_into().unwrap()) as usize
    };
    let first = number(bytes, 4);
    let mut page = first;
    loop {
        let entries = u16::from_le_bytes([bytes[page], bytes[page + 1]]);
        let next = page + 2 + 12 * usize::from(entries);
        if number(bytes, next) == 0 {
            bytes[next..next + 4].copy_from_slice(&(first as u32).to_le_bytes());
            return;
        }
        page = number(bytes, next);
    }
}

#[test]
fn palettes_that_are_no_list_of_colours_are_damage() {
    let sizes = [WIDTH.to_be_bytes(), HEIGHT.to_be_bytes()].concat();
    let head = chunk(*b"IHDR", &[&sizes[..], &[8, 3, 0, 0, 0]].concat());
    let indices = vec![0; (WIDTH * HEIGHT) as usize];
    for (length, is_read) in [
        (7, false),
        (3, true),
        (768, true),
        (0, false),
        (1, false),
        (8, false),
        (767, false),
        (771, false),
    ] {
        let palette = chunk(*b"PLTE", &vec![9; length]);
        let mut bytes = png([WIDTH, HEIGHT], 8, &indices, &palette);
        bytes.splice(8..8 + head.len(), head.clone());

        let read = Reader::default().read_bytes(&bytes, "odd", 0);

        let words = format!("the palette has {length} bytes");
        match read {
            Ok(frame) => assert!(is_read && frame.pixels.pixels().all(|it| it.0 == [9])),
            Err(error) => {
                let reason = error.source().unwrap().to_string();
                assert!(!is_read && reason.contains(&words), "{length}: {reason}");
            }
        }
    }
}

#[test]
fn odd_pictures_are_read_right_or_refused_by_name() {
    for (name, bytes, frame, expected) in table() {
        match (Reader::default().read_bytes(&bytes, "odd", frame), expected) {
            (Ok(read), Picture(expected)) => assert_eq!(read.pixels, expected, "{name}"),
            (Err(error), Refusal(words)) => {
                assert!(error.to_string().contains(words), "{name}: {error}");
            }
            (result, _) => panic!("{name}: {result:?}"),
        }
    }
}

#[test]
fn orientation_is_applied_to_pixels_masks_and_sizes() {
    let folder = Folder::new();
    let stored = mask_image(WIDTH, HEIGHT);
    for tag in 1..=8_u8 {
        let mut turned = DynamicImage::from(stored.clone());
        turned.apply_orientation(Orientation::from_exif(tag).unwrap());
        let turned = turned.into_luma8();
        // TIFF directory of one entry: orientation, one short
        let exif = [
            b"II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0",
            &[tag, 0, 0, 0][..],
            &[0; 4],
        ]
        .concat();
        let exif_chunk = chunk(*b"eXIf", &exif);
        let tiff = RawTiff {
            tags: vec![(274, vec![tag.into()])],
            ..RawTiff::gray([HEIGHT as u16, WIDTH as u16], stored.as_raw().clone())
        };
        let early = png([WIDTH, HEIGHT], 8, stored.as_raw(), &exif_chunk);
        let mut late = png([WIDTH, HEIGHT], 8, stored.as_raw(), &[]);
        late.splice(late.len() - 12..late.len() - 12, exif_chunk);

        for (name, bytes) in [("a.tif", tiff.bytes()), ("b.png", early), ("c.png", late)] {
            let path = folder.write(name, bytes);
            assert_eq!(
                Reader::default().read(&path, 0).unwrap().pixels,
                turned,
                "{tag}"
            );
            let mask = read_mask(&path).unwrap();
            let rows = turned.pixels().map(|it| it.0[0] == 255);
            assert!(mask.iter().copied().eq(rows), "{tag}");
        }

        // flat, because JPEG loses the rest
        let mut jpeg = Vec::new();
        let mut encoder = image::codecs::jpeg::JpegEncoder::new(&mut jpeg);
        encoder.set_exif_metadata(exif).unwrap();
        encoder
            .encode_image(&GrayImage::new(WIDTH, HEIGHT))
            .unwrap();
        let read = Reader::default().read_bytes(&jpeg, "d.jpg", 0).unwrap();
        assert_eq!(read.pixels.dimensions(), turned.dimensions(), "{tag}");
    }
}

#[test]
fn run_lengths_fit_the_turned_image() {
    let folder = Folder::new();
    let tiff = RawTiff {
        tags: vec![(274, vec![6])],
        ..gray_tiff()
    };
    folder.write("1_1.tif", tiff.bytes());
    // past the end of the first column as it is stored, not as it is looked at
    let row = format!("subject,img,pixels\n1,1,{WIDTH} 1\n");
    folder.write("train_masks.csv", row);

    let dataset = Dataset::open(folder.path()).unwrap();

    let mask = dataset.cases()[0].load_mask().unwrap().unwrap();
    assert_eq!(mask.dim(), (WIDTH as usize, HEIGHT as usize));
    assert!(mask[[WIDTH as usize - 1, 0]]);
    assert_eq!(dataset.cases()[0].load().unwrap().mask.unwrap(), mask);
}

#[test]
fn dark_frame_is_read_with_the_bits_of_its_dataset() {
    let folder = Folder::new();
    let dark: Vec<u16> = deep(12).iter().map(|it| it / 16).collect();
    folder.write("1_1.tif", deep_tiff(&dark).bytes());
    folder.write("1_2.tif", deep_tiff(&deep(12)).bytes());
    folder.image("2_1.tif", &picture());
    for case in ["1_1", "1_2", "2_1"] {
        folder.image(&format!("{case}_mask.png"), &mask_image(WIDTH, HEIGHT));
    }
    let dataset = Dataset::open(folder.path()).unwrap();
    assert_eq!(dataset.deep_bits(), None);

    let cases = dataset.load_all(&|_| {}).unwrap();

    assert_eq!(dataset.deep_bits(), Some(12));
    let expected = |sample: u16| ((u32::from(sample) * 255 + 2047) / 4095) as u8;
    let grays: Vec<u8> = dark.into_iter().map(expected).collect();
    assert_eq!(cases[0].frame.pixels.as_raw(), &grays);
    assert_eq!(cases[1].frame.pixels, from_deep(12));
    assert_eq!(cases[2].frame.pixels, picture(), "8 bits are what they are");
    // a part of the folder keeps the rule of all of it
    let part = Dataset::open(folder.path()).unwrap();
    let part = part.filter(|entry| entry.case_id == cases[0].case_id);
    assert_eq!(part.cases()[0].load().unwrap().frame, cases[0].frame);
    // alone, nothing says that it is dark
    let alone = Reader::default().read(folder.file("1_1.tif"), 0).unwrap();
    assert_eq!((alone.pixels, alone.seen_bits), (picture(), Some(8)));
}

#[test]
fn dark_dicom_is_read_with_the_bits_of_its_dataset() {
    let folder = Folder::new();
    let dark = deep(8);
    let file = |samples: &[u16]| {
        let bytes: Vec<u8> = samples.iter().flat_map(|it| it.to_le_bytes()).collect();
        dicom([HEIGHT, WIDTH], 16, &[], &bytes)
    };
    folder.write("1_1.dcm", file(&dark));
    folder.write("1_2.dcm", file(&deep(12)));
    for case in ["1_1", "1_2"] {
        folder.image(&format!("{case}_mask.png"), &mask_image(WIDTH, HEIGHT));
    }
    let dataset = Dataset::open(folder.path()).unwrap();

    let cases = dataset.load_all(&|_| {}).unwrap();

    assert_eq!(dataset.deep_bits(), Some(12));
    let expected = |&sample: &u16| ((u32::from(sample) * 255 + 2047) / 4095) as u8;
    let grays: Vec<u8> = dark.iter().map(expected).collect();
    assert_eq!(cases[0].frame.pixels.as_raw(), &grays);
    assert_eq!(cases[1].frame.pixels, from_deep(12));
    let alone = Reader::default().read(folder.file("1_1.dcm"), 0).unwrap();
    assert_eq!((alone.pixels, alone.seen_bits), (picture(), Some(8)));
}

#[test]
fn dark_page_is_read_with_the_bits_of_its_file() {
    let mut bytes = Cursor::new(Vec::new());
    let mut file = TiffEncoder::new(&mut bytes).unwrap();
    let dark: Vec<u16> = deep(8).iter().map(|it| it / 2).collect();
    for samples in [&dark, &deep(12)] {
        file.write_image::<colortype::Gray16>(WIDTH, HEIGHT, samples)
            .unwrap();
    }

    let frame = Reader::default()
        .read_bytes(bytes.get_ref(), "clip.tif", 0)
        .unwrap();

    assert_eq!((frame.seen_bits, frame.count), (Some(12), 2));
    assert!(frame.pixels.iter().all(|&gray| gray <= 8));
}

#[test]
fn mask_of_several_pages_is_refused_with_the_way_out() {
    let folder = Folder::new();
    let mask = mask_image(WIDTH, HEIGHT);
    let path = folder.write(
        "1_1_mask.tif",
        pages(&[(mask.clone(), 0), (mask.clone(), 0)]),
    );

    let error = read_mask(path).unwrap_err();

    assert!(matches!(error, DataError::NotAMask { .. }), "{error:?}");
    assert!(error.to_string().contains("2 pages"), "{error}");
    // a thumbnail is no page of it
    let path = folder.write("1_2_mask.tif", pages(&[(mask, 0), (small(), 1)]));
    assert!(read_mask(path).is_ok());
}

#[test]
fn one_page_of_a_mask_is_read_where_it_is_asked_for() {
    let folder = Folder::new();
    let black = GrayImage::new(WIDTH, HEIGHT);
    let all = [(mask_image(WIDTH, HEIGHT), 0), (black, 0), (small(), 1)];
    let path = folder.write("1_1_mask.tif", pages(&all));
    let reader = Reader::default();

    assert_eq!(reader.count_frames(&path).unwrap(), 2);
    let nerve = |page| {
        let labels = reader.read_labels_at(&path, page)?;
        let (mask, values) = labels.mask(&path)?;
        assert_eq!(values, MaskValues::Plain);
        Ok(mask.iter().filter(|&&it| it).count())
    };
    assert_eq!(nerve(0).unwrap(), 12);
    assert_eq!(nerve(1).unwrap(), 0);
    let error: DataError = nerve(2).unwrap_err();
    assert!(
        matches!(error, DataError::NoSuchFrame { count: 2, .. }),
        "{error:?}"
    );
    // the formats of one frame have no other
    for name in ["a.png", "a.bmp", "a.jpg"] {
        let path = folder.write(name, Vec::new());
        mask_image(WIDTH, HEIGHT).save(&path).unwrap();
        assert_eq!(reader.count_frames(&path).unwrap(), 1, "{name}");
        assert!(reader.read_labels_at(&path, 0).is_ok(), "{name}");
        let error = reader.read_labels_at(&path, 1).unwrap_err();
        assert!(matches!(error, DataError::NoSuchFrame { .. }), "{error:?}");
    }
}

#[test]
fn deep_mask_is_read_by_its_own_bits() {
    let folder = Folder::new();
    for (name, white) in [
        ("1_1_mask.tif", 255),
        ("1_2_mask.tif", 4095),
        ("1_3_mask.tif", 65535),
    ] {
        let mask = mask_image(WIDTH, HEIGHT);
        let samples: Vec<u16> = mask.iter().map(|&it| u16::from(it) / 255 * white).collect();
        let path = folder.write(name, deep_tiff(&samples).bytes());

        assert_eq!(
            read_mask(path).unwrap().iter().filter(|&&it| it).count(),
            12,
            "{white}"
        );
    }
}

#[test]
fn pages_are_bounded_by_the_limits() {
    let reader = Reader {
        limits: ReadLimits {
            max_frames: 2,
            ..ReadLimits::default()
        },
        ..Reader::default()
    };
    let page = || (shade(0), 0);
    let read = |count| {
        let pages = pages(&vec![page(); count]);
        reader
            .read_bytes(&pages, "stack.tif", 0)
            .map(|frame| frame.count)
    };

    assert_eq!(read(2).unwrap(), 2);
    assert!(matches!(
        read(3),
        Err(DataError::TooManyFrames { limit: 2, .. })
    ));
}

#[test]
fn animated_png_is_its_default_image() {
    let still = png([WIDTH, HEIGHT], 8, picture().as_raw(), &[]);
    // 2 frames, for ever; the first is the default image
    let control = chunk(*b"acTL", &[0, 0, 0, 2, 0, 0, 0, 0]);
    let size = [
        [0; 4],
        WIDTH.to_be_bytes(),
        HEIGHT.to_be_bytes(),
        [0; 4],
        [0; 4],
    ]
    .concat();
    let frame = chunk(*b"fcTL", &[&size[..], &[0, 1, 0, 10, 0, 0]].concat());
    let animated = png(
        [WIDTH, HEIGHT],
        8,
        picture().as_raw(),
        &[control, frame].concat(),
    );

    for bytes in [still, animated] {
        let read = Reader::default().read_bytes(&bytes, "a.png", 0).unwrap();
        assert_eq!((read.pixels, read.count), (picture(), 1));
    }
}
