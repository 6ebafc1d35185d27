//! Masks as people's programs write them: read (and how), or refused with the true reason.

use std::io::Cursor;

use image::{DynamicImage, ImageFormat, Luma, LumaA, Rgb, Rgba};
use nerveseg_data::{Dataset, LabelKind, MaskValues, Reader};
use png::{BitDepth, ColorType};

use crate::util::{Folder, HEIGHT, RawTiff, WIDTH, texture};

const BLACK: [u8; 3] = [0, 0, 0];
const RED: [u8; 3] = [128, 0, 0];
const WHITE: [u8; 3] = [255, 255, 255];

/// Whether a pixel is in the nerve of these masks.
fn inside(x: u32, y: u32) -> bool {
    (3..7).contains(&x) && (2..5).contains(&y)
}

/// One sample a pixel, in reading order.
fn samples(outside: u8, nerve: u8) -> Vec<u8> {
    let pixels = (0..HEIGHT).flat_map(|y| (0..WIDTH).map(move |x| inside(x, y)));
    pixels.map(|it| if it { nerve } else { outside }).collect()
}

/// A PNG of raw rows of 8-bit samples.
fn png(colour: ColorType, depth: BitDepth, palette: &[[u8; 3]], rows: &[u8]) -> Vec<u8> {
    png_with(colour, depth, palette, &[], rows)
}

fn png_with(
    colour: ColorType,
    depth: BitDepth,
    palette: &[[u8; 3]],
    alphas: &[u8],
    rows: &[u8],
) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, WIDTH, HEIGHT);
    encoder.set_color(colour);
    encoder.set_depth(depth);
    if !palette.is_empty() {
        encoder.set_palette(palette.concat());
    }
    if !alphas.is_empty() {
        encoder.set_trns(alphas.to_vec());
    }
    let mut writer = encoder.write_header().unwrap();
    writer.write_image_data(rows).unwrap();
    writer.finish().unwrap();
    bytes
}

fn palette_png(palette: &[[u8; 3]], outside: u8, nerve: u8) -> Vec<u8> {
    let rows = samples(outside, nerve);
    png(ColorType::Indexed, BitDepth::Eight, palette, &rows)
}

/// Samples of one bit, rows padded to bytes.
fn packed(outside: u8, nerve: u8) -> Vec<u8> {
    let rows = samples(outside, nerve);
    let byte = |bits: &[u8]| (0..8).fold(0, |byte, i| byte << 1 | bits.get(i).unwrap_or(&0));
    let rows = rows.chunks(WIDTH as usize);
    rows.flat_map(|row| row.chunks(8).map(byte)).collect()
}

fn deep(outside: u16, nerve: u16) -> Vec<u8> {
    let image = image::ImageBuffer::from_fn(WIDTH, HEIGHT, |x, y| {
        Luma([if inside(x, y) { nerve } else { outside }])
    });
    encode(DynamicImage::ImageLuma16(image), ImageFormat::Png)
}

fn encode(image: DynamicImage, format: ImageFormat) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    image.write_to(&mut bytes, format).unwrap();
    bytes.into_inner()
}

fn grey(outside: u8, nerve: u8) -> DynamicImage {
    let image = image::GrayImage::from_raw(WIDTH, HEIGHT, samples(outside, nerve));
    image.unwrap().into()
}

fn tiff(outside: u8, nerve: u8) -> RawTiff {
    RawTiff::gray([HEIGHT as u16, WIDTH as u16], samples(outside, nerve))
}

fn tiff_palette(colours: &[[u16; 3]]) -> Vec<u16> {
    let channel = |channel: usize| {
        let entries = (0..256).map(move |i| colours.get(i).map_or(0, |colour| colour[channel]));
        entries.collect::<Vec<u16>>()
    };
    [channel(0), channel(1), channel(2)].concat()
}

/// A BMP of one bit a pixel with these two colours.
fn bmp(colours: [[u8; 3]; 2]) -> Vec<u8> {
    let stride = WIDTH.div_ceil(32) as usize * 4;
    let mut bytes = b"BM".to_vec();
    for number in [0, 0, 62, 40, WIDTH, HEIGHT] {
        bytes.extend(number.to_le_bytes());
    }
    bytes.extend([1, 0, 1, 0]);
    for number in [0, 0, 0, 0, 2, 0_u32] {
        bytes.extend(number.to_le_bytes());
    }
    for [r, g, b] in colours {
        bytes.extend([b, g, r, 0]);
    }
    for row in packed(0, 1).chunks(WIDTH.div_ceil(8) as usize).rev() {
        bytes.extend(row);
        bytes.resize(bytes.len() + stride - row.len(), 0);
    }
    bytes
}

/// What a mask is read as: the nerve where it was drawn, or everywhere, or nowhere.
#[derive(Clone, Copy)]
enum Nerve {
    Drawn,
    Around,
    Everywhere,
    Nowhere,
}

#[test]
#[expect(clippy::too_many_lines, reason = "a table of files")]
fn two_values_are_a_mask_and_it_is_said_which() {
    use MaskValues::{Grey, Palette, Plain};
    use Nerve::{Around, Drawn, Everywhere, Nowhere};

    let one_bit = |outside, nerve| {
        let rows = packed(outside, nerve);
        png(ColorType::Grayscale, BitDepth::One, &[], &rows)
    };
    let indexed_bits = |palette: &[[u8; 3]]| {
        let rows = packed(0, 1);
        png(ColorType::Indexed, BitDepth::One, palette, &rows)
    };
    let padded = [vec![BLACK, RED], vec![BLACK; 254]].concat();
    let rgb = image::RgbImage::from_fn(WIDTH, HEIGHT, |x, y| Rgb([u8::from(inside(x, y)); 3]));
    let opaque = image::RgbaImage::from_fn(WIDTH, HEIGHT, |x, y| {
        let value = if inside(x, y) { 255 } else { 0 };
        Rgba([value, value, value, 255])
    });
    let cases: Vec<(&str, Vec<u8>, Nerve, MaskValues)> = vec![
        (
            "0 and 255",
            encode(grey(0, 255), ImageFormat::Png),
            Drawn,
            Plain,
        ),
        (
            "0 and 1",
            encode(grey(0, 1), ImageFormat::Png),
            Drawn,
            Grey(1),
        ),
        (
            "0 and 1, BMP",
            encode(grey(0, 1), ImageFormat::Bmp),
            Drawn,
            Palette(1),
        ),
        ("0 and 1, TIFF", tiff(0, 1).bytes(), Drawn, Grey(1)),
        (
            "0 and 128",
            encode(grey(0, 128), ImageFormat::Png),
            Drawn,
            Grey(128),
        ),
        (
            "all 0",
            encode(grey(0, 0), ImageFormat::Png),
            Nowhere,
            Plain,
        ),
        (
            "all 1",
            encode(grey(1, 1), ImageFormat::Png),
            Everywhere,
            Grey(1),
        ),
        (
            "all 255",
            encode(grey(255, 255), ImageFormat::Png),
            Everywhere,
            Plain,
        ),
        ("16 bits, 0 and 65535", deep(0, 65_535), Drawn, Plain),
        ("16 bits, 0 and 1", deep(0, 1), Drawn, Grey(1)),
        ("16 bits, 0 and 255", deep(0, 255), Drawn, Grey(255)),
        ("1 bit", one_bit(0, 1), Drawn, Plain),
        ("1 bit, inverted", one_bit(1, 0), Around, Plain),
        (
            "RGB 0 and 1",
            encode(rgb.into(), ImageFormat::Png),
            Drawn,
            Grey(1),
        ),
        (
            "opaque alpha",
            encode(opaque.into(), ImageFormat::Png),
            Drawn,
            Plain,
        ),
        (
            "black and red",
            palette_png(&padded, 0, 1),
            Drawn,
            Palette(1),
        ),
        (
            "black and red of two",
            palette_png(&[BLACK, RED], 0, 1),
            Drawn,
            Palette(1),
        ),
        (
            "red and black",
            palette_png(&[RED, BLACK], 1, 0),
            Drawn,
            Palette(0),
        ),
        (
            "white and red",
            palette_png(&[WHITE, RED], 0, 1),
            Drawn,
            Palette(1),
        ),
        (
            "black and white",
            palette_png(&[BLACK, WHITE], 0, 1),
            Drawn,
            Plain,
        ),
        (
            "white and black",
            palette_png(&[WHITE, BLACK], 1, 0),
            Drawn,
            Plain,
        ),
        (
            "palette, all 1",
            palette_png(&padded, 1, 1),
            Everywhere,
            Palette(1),
        ),
        ("palette, all 0", palette_png(&padded, 0, 0), Nowhere, Plain),
        (
            "palette, all white",
            palette_png(&[WHITE, BLACK], 0, 0),
            Everywhere,
            Plain,
        ),
        (
            "palette of 1 bit",
            indexed_bits(&[BLACK, RED]),
            Drawn,
            Palette(1),
        ),
        ("BMP of 1 bit", bmp([BLACK, WHITE]), Drawn, Plain),
        (
            "BMP of 1 bit, coloured",
            bmp([BLACK, RED]),
            Drawn,
            Palette(1),
        ),
        (
            "TIFF palette",
            RawTiff {
                photometric: 3,
                palette: tiff_palette(&[[0; 3], [40_000, 0, 0]]),
                ..tiff(0, 1)
            }
            .bytes(),
            Drawn,
            Palette(1),
        ),
        (
            "TIFF of 1 bit, white is zero",
            RawTiff {
                bits: 1,
                photometric: 0,
                data: packed(0, 1),
                ..tiff(0, 1)
            }
            .bytes(),
            Around,
            Plain,
        ),
    ];

    let folder = Folder::with_cases(&["1_1"]);
    for (name, bytes, nerve, values) in cases {
        folder.write("1_1_mask.tif", bytes);
        let dataset = Dataset::open(folder.path()).unwrap();
        let case = dataset.cases()[0].load();
        let case = case.unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!(
            dataset.mask_survey().values.keys().collect::<Vec<_>>(),
            [&values],
            "{name}"
        );

        let mask = case.mask.unwrap();
        for ((y, x), &set) in mask.indexed_iter() {
            let drawn = inside(x as u32, y as u32);
            let expected = match nerve {
                Drawn => drawn,
                Around => !drawn,
                Everywhere => true,
                Nowhere => false,
            };
            assert_eq!(set, expected, "{name}: row {y}, column {x}");
        }
    }
}

#[test]
fn what_is_no_mask_is_refused_with_the_true_reason() {
    let clear = image::GrayAlphaImage::from_fn(WIDTH, HEIGHT, |x, y| {
        LumaA([255, if inside(x, y) { 255 } else { 0 }])
    });
    let rgba = image::RgbaImage::from_fn(WIDTH, HEIGHT, |x, y| {
        Rgba([255, 255, 255, if inside(x, y) { 255 } else { 0 }])
    });
    let coloured = image::RgbImage::from_fn(WIDTH, HEIGHT, |x, y| {
        Rgb(if inside(x, y) { RED } else { BLACK })
    });
    let mut three = samples(0, 255);
    three[0] = 97;
    let three = image::GrayImage::from_raw(WIDTH, HEIGHT, three).unwrap();
    let mut entries = samples(0, 1);
    entries[0] = 2;
    let entries = png(
        ColorType::Indexed,
        BitDepth::Eight,
        &[BLACK, RED, WHITE],
        &entries,
    );
    let see_through = png_with(
        ColorType::Indexed,
        BitDepth::Eight,
        &[BLACK, RED],
        &[0, 255],
        &samples(0, 1),
    );
    let tiff_alpha = RawTiff {
        samples: 2,
        data: samples(0, 255)
            .into_iter()
            .flat_map(|it| [255, it])
            .collect(),
        ..tiff(0, 0)
    };
    let cases: Vec<(&str, Vec<u8>, &[&str])> = vec![
        (
            "grey and alpha",
            encode(clear.into(), ImageFormat::Png),
            &["alpha", "magick"],
        ),
        (
            "colour and alpha",
            encode(rgba.into(), ImageFormat::Png),
            &["alpha", "magick"],
        ),
        ("alpha in TIFF", tiff_alpha.bytes(), &["alpha", "magick"]),
        ("clear entry", see_through, &["alpha", "magick"]),
        (
            "colours",
            encode(coloured.into(), ImageFormat::Png),
            &["colours", "magick"],
        ),
        (
            "smooth",
            encode(three.into(), ImageFormat::Png),
            &["97", "row 0, column 0", "3 values"],
        ),
        (
            "three entries",
            entries,
            &["[0, 1, 2]", "palette", "nerveseg import"],
        ),
        (
            "1 and 2",
            encode(grey(1, 2), ImageFormat::Png),
            &["1 and 2", "no 0", "nerveseg import"],
        ),
        ("two pages", two_pages(), &["2 pages", "magick"]),
    ];

    let folder = Folder::with_cases(&["1_1"]);
    for (name, bytes, words) in cases {
        folder.write("1_1_mask.tif", bytes);
        let dataset = Dataset::open(folder.path()).unwrap();
        let error = dataset.cases()[0].load().unwrap_err().to_string();
        for word in words {
            assert!(error.contains(word), "{name}: `{word}` is not in: {error}");
        }
        assert!(error.contains("1_1_mask.tif"), "{name}: {error}");
        assert!(!error.contains("JPEG"), "{name}: {error}");
    }
}

fn two_pages() -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    let mut encoder = tiff::encoder::TiffEncoder::new(&mut bytes).unwrap();
    for _ in 0..2 {
        encoder
            .write_image::<tiff::encoder::colortype::Gray8>(WIDTH, HEIGHT, &samples(0, 255))
            .unwrap();
    }
    bytes.into_inner()
}

#[test]
fn a_mask_is_turned_as_its_file_says() {
    let mut tiff = tiff(0, 1);
    tiff.orientation = 6;
    let folder = Folder::new();
    let path = folder.write("mask.tif", tiff.bytes());

    let labels = Reader::default().read_labels(path).unwrap();

    assert_eq!(labels.kind, LabelKind::Grey { white: 255 });
    assert_eq!(labels.values.dim(), (WIDTH as usize, HEIGHT as usize));
    // a quarter turn clockwise: the top left corner becomes the top right one
    for ((row, column), &value) in labels.values.indexed_iter() {
        let (x, y) = (row as u32, HEIGHT - 1 - column as u32);
        assert_eq!(value == 1, inside(x, y), "row {row}, column {column}");
    }
}

#[test]
fn odd_sets_are_remarked_upon() {
    let masks = |first: (u8, u8), second: (u8, u8)| {
        let folder = Folder::new();
        for (name, (outside, nerve)) in [("1_1", first), ("1_2", second)] {
            folder.image(&format!("{name}.tif"), &texture(WIDTH, HEIGHT));
            let mask = encode(grey(outside, nerve), ImageFormat::Png);
            folder.write(&format!("{name}_mask.png"), mask);
        }
        let dataset = Dataset::open(folder.path()).unwrap();
        assert_eq!(dataset.mask_survey().masks, 0);
        dataset.par_load(|_| (), &|_| {}).unwrap();
        let one = dataset.select(&["1_1".parse().unwrap()]).unwrap();
        assert_eq!(one.mask_survey().masks, 1);
        dataset.mask_survey()
    };

    assert_eq!(masks((0, 255), (0, 255)).remarks(), [] as [String; 0]);
    assert!(!masks((0, 255), (0, 0)).has_no_nerve());
    assert!(masks((0, 0), (0, 0)).has_no_nerve());

    for (first, second, expected) in [
        (
            (0, 1),
            (0, 1),
            "2 masks hold 0 and 1, read as background and nerve",
        ),
        ((0, 0), (0, 0), "no mask has a nerve in it"),
        ((255, 255), (255, 255), "every mask covers the whole frame"),
        (
            (255, 0),
            (0, 255),
            "1 mask covers over half of the frame: 1_1",
        ),
        ((0, 1), (0, 2), "the nerve has different values: 1, 2"),
    ] {
        let remarks = masks(first, second).remarks();
        assert!(
            remarks.iter().any(|remark| remark.contains(expected)),
            "`{expected}` is not in {remarks:?}"
        );
    }
}

/// The folder of one image whose mask is in this table.
fn with_table(table: &str) -> Folder {
    let folder = Folder::new();
    folder.image("1_2.tif", &texture(WIDTH, HEIGHT));
    folder.image("1_3.tif", &texture(WIDTH, HEIGHT));
    folder.write("train_masks.csv", table);
    folder
}

#[test]
fn a_table_is_read_as_its_header_says() {
    for table in [
        "subject,img,pixels\n1,2,1 2\n1,3,\n",
        "subject;img;pixels\n1;2;1 2\n1;3;\n",
        "subject\timg\tpixels\n1\t2\t1 2\n1\t3\t\n",
        "\u{feff}subject;img;pixels\r\n1;2;1 2\r\n1;3;\r\n",
        "\"subject\",\"img\",\"pixels\"\n\"1\",\"2\",\"1 2\"\n\"1\",\"3\",\"\"\n",
        "Subject, Img, Pixels\n1, 2, 1 2\n1, 3,\n",
        "pixels,img,subject\n1 2,2,1\n,3,1\n",
    ] {
        let folder = with_table(table);
        let dataset = Dataset::open(folder.path()).unwrap_or_else(|error| panic!("{table}{error}"));
        let masks = dataset.load_all(&|_| {}).unwrap();
        let areas = masks.iter().map(|case| {
            let mask = case.mask.as_ref().unwrap();
            mask.iter().filter(|&&set| set).count()
        });
        assert_eq!(areas.collect::<Vec<_>>(), [2, 0], "{table}");
    }
}

#[test]
fn a_table_that_cannot_be_read_is_one_defect() {
    for (table, words) in [
        (
            "subject,img,pixels\n1;2;1 2\n1;3;\n",
            ["line 2", "separated by ';', expected ','"],
        ),
        (
            "1;2;1 2\n1;3;\n",
            ["line 1", "expected `subject,img,pixels`"],
        ),
        (
            "subject|img|pixels\n1|2|1 2\n",
            ["line 1", "expected `subject,img,pixels`"],
        ),
        (
            "subject,img,pixels,note\n1,2,1 2,a\n",
            ["line 1", "expected `subject,img,pixels`"],
        ),
    ] {
        let defects = Dataset::scan(with_table(table).path()).unwrap().defects;

        assert_eq!(defects.len(), 1, "{table}{defects:?}");
        let message = defects[0].to_string();
        for word in words {
            assert!(message.contains(word), "`{word}` is not in: {message}");
        }
    }
}
