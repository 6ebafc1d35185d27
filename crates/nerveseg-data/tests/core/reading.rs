use std::io::Cursor;

use image::{DynamicImage, ImageFormat, Luma, Rgb, Rgba};
use nerveseg_data::{
    DataError, ReadLimits, Reader, read_image, read_image_bytes, read_mask, write_gray_tiff,
};
use proptest::prelude::*;

use crate::util::{Folder, HEIGHT, RawTiff, WIDTH, mask_image, png_claiming, texture};

/// 3×2, 1-bit grey: 010 / 101. Python: `zlib.compress(b"\0\x40\0\xa0", 9)` in a PNG of depth 1.
const ONE_BIT_PNG: &[u8] = &[
    0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0x00, 0x00, 0x00, 0x0d, 0x49, 0x48, 0x44, 0x52,
    0x00, 0x00, 0x00, 0x03, 0x00, 0x00, 0x00, 0x02, 0x01, 0x00, 0x00, 0x00, 0x00, 0xb5, 0x0f, 0x5b,
    0xb7, 0x00, 0x00, 0x00, 0x0c, 0x49, 0x44, 0x41, 0x54, 0x78, 0xda, 0x63, 0x70, 0x60, 0x58, 0x00,
    0x00, 0x01, 0x64, 0x00, 0xe1, 0xaf, 0xc7, 0x0c, 0x80, 0x00, 0x00, 0x00, 0x00, 0x49, 0x45, 0x4e,
    0x44, 0xae, 0x42, 0x60, 0x82,
];
/// 3×1, palette black, red, white: indices 0, 1, 2. Made in the same way.
const PALETTE_PNG: &[u8] = &[
    0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0x00, 0x00, 0x00, 0x0d, 0x49, 0x48, 0x44, 0x52,
    0x00, 0x00, 0x00, 0x03, 0x00, 0x00, 0x00, 0x01, 0x08, 0x03, 0x00, 0x00, 0x00, 0x2c, 0x3e, 0xe4,
    0x86, 0x00, 0x00, 0x00, 0x09, 0x50, 0x4c, 0x54, 0x45, 0x00, 0x00, 0x00, 0xff, 0x00, 0x00, 0xff,
    0xff, 0xff, 0x67, 0x19, 0x64, 0x1e, 0x00, 0x00, 0x00, 0x0c, 0x49, 0x44, 0x41, 0x54, 0x78, 0xda,
    0x63, 0x60, 0x60, 0x64, 0x02, 0x00, 0x00, 0x08, 0x00, 0x04, 0x08, 0x1d, 0x63, 0x0a, 0x00, 0x00,
    0x00, 0x00, 0x49, 0x45, 0x4e, 0x44, 0xae, 0x42, 0x60, 0x82,
];

fn encode(image: &DynamicImage, format: ImageFormat) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    image.write_to(&mut bytes, format).unwrap();
    bytes.into_inner()
}

fn pixels(bytes: &[u8]) -> Vec<u8> {
    read_image_bytes(bytes, "test").unwrap().into_raw()
}

#[test]
fn eight_bit_grey_is_read_as_it_is_from_every_lossless_format() {
    let expected = texture(WIDTH, HEIGHT);
    let image = DynamicImage::from(expected.clone());

    for format in [ImageFormat::Png, ImageFormat::Tiff, ImageFormat::Bmp] {
        let read = read_image_bytes(&encode(&image, format), "test").unwrap();
        assert_eq!(read, expected, "{format:?}");
    }
}

#[test]
fn lzw_tiff_round_trip() {
    let folder = Folder::new();
    let expected = texture(580, 420);
    let path = folder.file("1_1.tif");

    write_gray_tiff(&path, &expected).unwrap();

    assert_eq!(read_image(&path).unwrap(), expected);
    // tag 259 (compression) = 5 (LZW), as in the UNS files
    let bytes = std::fs::read(&path).unwrap();
    assert!(
        bytes
            .windows(10)
            .any(|w| w == [3, 1, 3, 0, 1, 0, 0, 0, 5, 0])
    );
}

#[test]
fn jpeg_is_read_near_its_values() {
    let image = DynamicImage::from(image::GrayImage::from_pixel(WIDTH, HEIGHT, Luma([100])));

    for value in pixels(&encode(&image, ImageFormat::Jpeg)) {
        assert!(
            value.abs_diff(100) <= 1,
            "a flat JPEG keeps its value, got {value}"
        );
    }
}

#[test]
fn content_decides_the_format_not_the_extension() {
    let folder = Folder::new();
    let image = texture(WIDTH, HEIGHT);
    let png = encode(&DynamicImage::from(image.clone()), ImageFormat::Png);
    let path = folder.write("1_1.tif", png);

    assert_eq!(read_image(path).unwrap(), image);
}

#[test]
fn sixteen_bit_grey_keeps_the_high_byte() {
    let values = [0_u16, 1, 128, 129, 256, 257, 25_700, 65_534, 65_535];
    let image = image::ImageBuffer::<Luma<u16>, _>::from_raw(9, 1, values.to_vec()).unwrap();
    let image = DynamicImage::from(image);

    for format in [ImageFormat::Png, ImageFormat::Tiff] {
        let read = pixels(&encode(&image, format));
        assert_eq!(read, [0, 0, 0, 1, 1, 1, 100, 255, 255], "{format:?}");
    }
}

#[test]
fn colour_becomes_rec_601_luma_and_alpha_is_ignored() {
    let rgb = [[255, 0, 0], [0, 255, 0], [0, 0, 255], [9, 9, 9]];
    let plain = image::RgbImage::from_fn(4, 1, |x, _| Rgb(rgb[x as usize]));
    let with_alpha = image::RgbaImage::from_fn(4, 1, |x, _| {
        let [r, g, b] = rgb[x as usize];
        Rgba([r, g, b, x as u8 * 80])
    });

    for image in [DynamicImage::from(plain), DynamicImage::from(with_alpha)] {
        for format in [ImageFormat::Png, ImageFormat::Tiff, ImageFormat::Bmp] {
            assert_eq!(
                pixels(&encode(&image, format)),
                [76, 150, 29, 9],
                "{format:?}"
            );
        }
        let deep = DynamicImage::from(image.to_rgba16());
        for format in [ImageFormat::Png, ImageFormat::Tiff] {
            assert_eq!(
                pixels(&encode(&deep, format)),
                [76, 150, 29, 9],
                "16-bit {format:?}"
            );
        }
    }
}

#[test]
fn grey_with_alpha_ignores_alpha() {
    let image = image::ImageBuffer::from_raw(2, 1, vec![7_u8, 0, 200, 255]).unwrap();
    assert_eq!(
        pixels(&encode(&DynamicImage::ImageLumaA8(image), ImageFormat::Png)),
        [7, 200]
    );

    let tiff = RawTiff {
        samples: 2,
        ..RawTiff::gray([1, 2], vec![7, 0, 200, 255])
    };
    assert_eq!(pixels(&tiff.bytes()), [7, 200]);
}

#[test]
fn png_of_one_bit_and_with_palette() {
    assert_eq!(pixels(ONE_BIT_PNG), [0, 255, 0, 255, 0, 255]);
    assert_eq!(pixels(PALETTE_PNG), [0, 76, 255]);
}

#[test]
fn tiff_of_few_bits_is_spread_over_the_range() {
    // rows of 3 pixels, padded to whole bytes
    let cases = [
        (1, vec![0b0100_0000, 0b1010_0000], [0, 255, 0, 255, 0, 255]),
        (2, vec![0b0001_1000, 0b1100_0100], [0, 85, 170, 255, 0, 85]),
        (4, vec![0x0f, 0x80, 0x12, 0x30], [0, 255, 136, 17, 34, 51]),
    ];
    for (bits, data, expected) in cases {
        for big_endian in [false, true] {
            let tiff = RawTiff {
                big_endian,
                bits,
                ..RawTiff::gray([2, 3], data.clone())
            };
            assert_eq!(pixels(&tiff.bytes()), expected, "{bits} bits");
        }
    }
}

#[test]
fn tiff_with_white_as_zero_is_inverted() {
    let tiff = RawTiff {
        photometric: 0,
        ..RawTiff::gray([1, 3], vec![0, 1, 255])
    };
    assert_eq!(pixels(&tiff.bytes()), [255, 254, 0]);

    let tiff = RawTiff {
        photometric: 0,
        bits: 1,
        ..RawTiff::gray([1, 3], vec![0b0100_0000])
    };
    assert_eq!(pixels(&tiff.bytes()), [255, 0, 255]);
}

#[test]
fn tiff_palette_becomes_luma() {
    let mut palette = vec![0_u16; 3 * 256];
    // index 1: red, index 2: white
    palette[1] = u16::MAX;
    for channel in 0..3 {
        palette[256 * channel + 2] = u16::MAX;
    }
    for big_endian in [false, true] {
        let tiff = RawTiff {
            photometric: 3,
            palette: palette.clone(),
            big_endian,
            ..RawTiff::gray([2, 3], vec![0, 1, 2, 2, 1, 0])
        };
        assert_eq!(pixels(&tiff.bytes()), [0, 76, 255, 255, 76, 0]);
    }

    let tiff = RawTiff {
        photometric: 3,
        bits: 1,
        palette: vec![0, u16::MAX, 0, u16::MAX, 0, u16::MAX],
        ..RawTiff::gray([1, 3], vec![0b0100_0000])
    };
    assert_eq!(pixels(&tiff.bytes()), [0, 255, 0]);
}

#[test]
fn palette_of_the_wrong_length_is_an_error() {
    let tiff = RawTiff {
        photometric: 3,
        palette: vec![0; 9],
        ..RawTiff::gray([1, 3], vec![0, 1, 2])
    };

    let result = read_image_bytes(&tiff.bytes(), "x.tif");

    assert!(
        matches!(result, Err(DataError::DecodeImage { .. })),
        "{result:?}"
    );
}

#[test]
fn planes_of_colours_are_put_together() {
    let tiff = RawTiff {
        samples: 3,
        photometric: 2,
        planar: true,
        ..RawTiff::gray([1, 3], vec![255, 0, 9, 0, 255, 9, 0, 0, 9])
    };
    assert_eq!(pixels(&tiff.bytes()), [76, 150, 9]);
}

#[test]
fn pixels_without_a_rule_are_refused_by_name() {
    let float = RawTiff {
        bits: 32,
        sample_format: 3,
        ..RawTiff::gray([1, 1], vec![0; 4])
    };
    let deep = RawTiff {
        bits: 32,
        ..RawTiff::gray([1, 1], vec![0; 4])
    };
    let signed = RawTiff {
        sample_format: 2,
        ..RawTiff::gray([1, 1], vec![0])
    };
    let cmyk = RawTiff {
        samples: 4,
        photometric: 5,
        ..RawTiff::gray([1, 1], vec![0; 4])
    };
    for (tiff, word) in [
        (float, "float"),
        (deep, "32-bit"),
        (signed, "signed"),
        (cmyk, "CMYK"),
    ] {
        let error = read_image_bytes(&tiff.bytes(), "odd.tif").unwrap_err();
        assert!(
            matches!(error, DataError::UnsupportedPixels { .. }),
            "{word}: {error:?}"
        );
        let message = error.to_string();
        assert!(
            message.contains(word) && message.contains("odd.tif"),
            "{message}"
        );
    }
}

#[test]
fn mask_of_0_and_255_becomes_false_and_true() {
    let folder = Folder::new();
    let path = folder.image("1_1_mask.tif", &mask_image(WIDTH, HEIGHT));

    let mask = read_mask(path).unwrap();

    assert_eq!(mask.dim(), (HEIGHT as usize, WIDTH as usize));
    assert_eq!(mask.iter().filter(|&&set| set).count(), 12);
    assert!(mask[[2, 3]] && mask[[4, 6]] && !mask[[3, 2]]);
}

#[test]
fn other_values_in_a_mask_are_named_counted_and_placed() {
    let folder = Folder::new();
    let mut image = mask_image(WIDTH, HEIGHT);
    image.put_pixel(5, 9, Luma([128]));
    image.put_pixel(6, 9, Luma([1]));
    let path = folder.image("1_1_mask.png", &image);

    let error = read_mask(path).unwrap_err();

    assert!(
        matches!(
            error,
            DataError::MaskNotBinary {
                value: 128,
                row: 9,
                column: 5,
                count: 2,
                ..
            }
        ),
        "{error:?}"
    );
    assert!(error.to_string().contains("1_1_mask.png"), "{error}");
}

#[test]
fn limits_hold_before_anything_is_decoded() {
    let bomb = png_claiming(20_000, 20_000);
    let tall = RawTiff::gray([9000, 3], vec![0; 8]).bytes();
    let mut bmp = encode(&DynamicImage::from(texture(4, 4)), ImageFormat::Bmp);
    bmp[18..22].copy_from_slice(&20_000_u32.to_le_bytes());

    for (bytes, size) in [
        (bomb, [20_000, 20_000]),
        (tall, [9000, 3]),
        (bmp, [4, 20_000]),
    ] {
        let error = read_image_bytes(&bytes, "bomb").unwrap_err();
        let DataError::ImageTooLarge {
            size: found, limit, ..
        } = error
        else {
            panic!("expected a size error, got {error:?}");
        };
        assert_eq!((found, limit), (size, [8192, 8192]));
    }
}

#[test]
fn image_without_pixels_is_refused() {
    let mut bmp = encode(&DynamicImage::from(texture(4, 4)), ImageFormat::Bmp);
    bmp[18..22].copy_from_slice(&0_u32.to_le_bytes());

    for bytes in [
        bmp,
        png_claiming(0, 3),
        RawTiff::gray([3, 0], vec![]).bytes(),
    ] {
        let error = read_image_bytes(&bytes, "flat").unwrap_err();
        assert!(
            matches!(
                error,
                DataError::EmptyImage { .. }
                    | DataError::DecodeImage { .. }
                    | DataError::NotRead { .. }
            ),
            "{error:?}"
        );
    }
}

#[test]
fn limits_can_be_narrowed() {
    let bytes = encode(
        &DynamicImage::from(texture(WIDTH, HEIGHT)),
        ImageFormat::Png,
    );
    let read = |limits| {
        let reader = Reader {
            limits,
            ..Reader::default()
        };
        reader.read_bytes(&bytes, "x", 0)
    };

    let narrow = ReadLimits {
        max_width: WIDTH - 1,
        ..ReadLimits::default()
    };
    assert!(matches!(read(narrow), Err(DataError::ImageTooLarge { .. })));
    let few = ReadLimits {
        max_pixels: u64::from(WIDTH * HEIGHT) - 1,
        ..ReadLimits::default()
    };
    assert!(matches!(read(few), Err(DataError::TooManyPixels { .. })));
    let short = ReadLimits {
        max_file_bytes: bytes.len() as u64 - 1,
        ..ReadLimits::default()
    };
    assert!(matches!(read(short), Err(DataError::FileTooLarge { .. })));
    let exact = ReadLimits {
        max_width: WIDTH,
        max_height: HEIGHT,
        max_pixels: u64::from(WIDTH * HEIGHT),
        max_file_bytes: bytes.len() as u64,
        ..ReadLimits::default()
    };
    assert!(read(exact).is_ok());
}

#[test]
fn large_file_on_disk_is_refused_by_its_length() {
    let folder = Folder::new();
    let path = folder.write("1_1.png", b"");
    // sparse: takes no space
    std::fs::File::options()
        .write(true)
        .open(&path)
        .unwrap()
        .set_len(300 << 20)
        .unwrap();

    let result = read_image(path);

    assert!(
        matches!(result, Err(DataError::FileTooLarge { .. })),
        "{result:?}"
    );
}

#[test]
fn half_a_file_is_an_error_in_every_format() {
    let image = DynamicImage::from(texture(WIDTH, HEIGHT));
    let mut files: Vec<Vec<u8>> = [
        ImageFormat::Png,
        ImageFormat::Tiff,
        ImageFormat::Bmp,
        ImageFormat::Jpeg,
    ]
    .map(|format| encode(&image, format))
    .to_vec();
    files.push(RawTiff::gray([17, 23], texture(WIDTH, HEIGHT).into_raw()).bytes());

    for bytes in files {
        let half = &bytes[..bytes.len() / 2];
        let error = read_image_bytes(half, "half.tif").unwrap_err();
        assert!(matches!(error, DataError::DecodeImage { .. }), "{error:?}");
        assert!(error.to_string().contains("half.tif"), "{error}");
    }
}

#[test]
fn things_that_are_no_images_are_refused() {
    for bytes in [
        &b""[..],
        b"hello",
        b"GIF89a\x01\0\x01\0",
        b"%PDF-1.7",
        &[0; 64],
    ] {
        let error = read_image_bytes(bytes, "note.png").unwrap_err();
        assert!(
            matches!(error, DataError::NotAnImage { .. }),
            "{bytes:?}: {error:?}"
        );
    }
}

#[test]
fn missing_file_is_named() {
    let error = read_image("no/such/7_3.tif").unwrap_err();

    assert!(matches!(error, DataError::ReadFile { .. }), "{error:?}");
    assert_eq!(error.to_string(), "cannot read `no/such/7_3.tif`");
}

proptest! {
    #[test]
    fn damaged_bytes_never_panic(
        format in 0..5_usize,
        damage in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..8),
        cut in any::<prop::sample::Index>(),
        cuts in any::<bool>(),
    ) {
        let image = DynamicImage::from(texture(WIDTH, HEIGHT));
        let mut bytes = match format {
            0 => encode(&image, ImageFormat::Png),
            1 => encode(&image, ImageFormat::Bmp),
            2 => encode(&image, ImageFormat::Jpeg),
            3 => encode(&image, ImageFormat::Tiff),
            _ => RawTiff {
                photometric: 3,
                bits: 4,
                palette: vec![7; 48],
                ..RawTiff::gray([4, 4], vec![0x5a; 8])
            }
            .bytes(),
        };
        for (at, value) in damage {
            let at = at.index(bytes.len());
            bytes[at] = value;
        }
        if cuts {
            bytes.truncate(cut.index(bytes.len()));
        }
        // any result is fine: the promise is to return
        let _ = read_image_bytes(&bytes, "damaged");
    }
}
