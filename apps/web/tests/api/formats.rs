//! What is read, and what is not.

use std::path::Path;

use image::{DynamicImage, GrayImage, ImageFormat, Luma};
use nerveseg_data::format_names;
use nerveseg_dicom::Limits;

use crate::support::{bundled, decode, encode, nerve, post, serve, serve_with};
use nerveseg_web::Settings;

const PATH: &str = "/api/v1/segment";

fn clip() -> Vec<u8> {
    let samples = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../assets/samples");
    std::fs::read(samples.join("phantom-clip.dcm")).unwrap()
}

#[test]
fn every_lossless_format_gives_the_same_mask() {
    let server = serve();
    let expected = bundled().segment(nerve()).unwrap().area_px;
    for format in [ImageFormat::Png, ImageFormat::Tiff, ImageFormat::Bmp] {
        let bytes = if format == ImageFormat::Bmp {
            // BMP has no grey
            let mut bytes = std::io::Cursor::new(Vec::new());
            let colour = DynamicImage::ImageLuma8(nerve().clone()).into_rgb8();
            colour.write_to(&mut bytes, format).unwrap();
            bytes.into_inner()
        } else {
            encode(nerve(), format)
        };

        let json = server.post(PATH, &bytes).json();

        assert_eq!(json["area_px"], expected, "{format:?}");
    }
    let jpeg = server.post(PATH, &encode(nerve(), ImageFormat::Jpeg));
    assert_eq!(jpeg.status, 200);
}

#[test]
fn sixteen_bits_are_the_same_as_eight() {
    let server = serve();
    let wide = image::ImageBuffer::<Luma<u16>, _>::from_fn(293, 211, |x, y| {
        Luma([u16::from(nerve().get_pixel(x, y).0[0]) * 257])
    });
    let mut bytes = std::io::Cursor::new(Vec::new());
    wide.write_to(&mut bytes, ImageFormat::Png).unwrap();

    let json = server.post(PATH, bytes.get_ref()).json();

    let eight = server.post(PATH, &encode(nerve(), ImageFormat::Png)).json();
    assert_eq!(json["rle"], eight["rle"]);
}

#[test]
fn frames_of_a_dicom_come_one_by_one_with_their_scale() {
    let server = serve();
    let clip = clip();
    for frame in [0, 8] {
        let expected = nerveseg_dicom::decode(&clip, frame, &Limits::default()).unwrap();

        let path = format!("{PATH}?frame={frame}&include=image");
        let json = server.post(&path, &clip).json();

        assert_eq!(
            (json["frame"].as_u64(), json["frames"].as_u64()),
            (Some(frame.into()), Some(9))
        );
        let [row, column] = expected.spacing_mm.unwrap();
        assert_eq!(json["spacing_mm"], serde_json::json!([row, column]));
        let area = json["area_px"].as_f64().unwrap() * row * column;
        assert!((json["area_mm2"].as_f64().unwrap() - area).abs() < 1e-9);
        let engine = base64::engine::general_purpose::STANDARD;
        let png = json["image_png"].as_str().unwrap();
        let png = base64::Engine::decode(&engine, png).unwrap();
        assert_eq!(decode(&png).into_luma8(), expected.pixels);
        assert_eq!(
            json["area_px"],
            bundled().segment(&expected.pixels).unwrap().area_px
        );
    }
}

#[test]
fn a_frame_that_is_not_there_is_refused() {
    let server = serve();

    let dicom = server.post(&format!("{PATH}?frame=9"), &clip());
    let png = server.post(
        &format!("{PATH}?frame=1"),
        &encode(nerve(), ImageFormat::Png),
    );

    assert_eq!((dicom.status, png.status), (422, 422));
    assert!(dicom.problem().contains("rame 9"), "{}", dicom.problem());
    assert!(png.problem().contains("frame 1"), "{}", png.problem());
}

/// A grey TIFF with a page of each shade, 64 × 48 pixels, compressed by method `codec`.
fn pages(shades: &[u8], codec: u32) -> Vec<u8> {
    const WIDTH: u32 = 64;
    const HEIGHT: u32 = 48;
    let mut bytes = b"II*\0\x08\0\0\0".to_vec();
    for (number, &shade) in shades.iter().enumerate() {
        let start = bytes.len() as u32;
        let pixels = start + 2 + 9 * 12 + 4;
        let next = if number + 1 < shades.len() {
            pixels + WIDTH * HEIGHT
        } else {
            0
        };
        bytes.extend(9_u16.to_le_bytes());
        for (tag, value) in [
            (256_u16, WIDTH),
            (257, HEIGHT),
            (258, 8),
            (259, codec),
            (262, 1),
            (273, pixels),
            (277, 1),
            (278, HEIGHT),
            (279, WIDTH * HEIGHT),
        ] {
            bytes.extend(tag.to_le_bytes());
            bytes.extend([4, 0, 1, 0, 0, 0]); // one number of 32 bits
            bytes.extend(value.to_le_bytes());
        }
        bytes.extend(next.to_le_bytes());
        bytes.resize(bytes.len() + (WIDTH * HEIGHT) as usize, shade);
    }
    bytes
}

#[test]
fn pages_of_a_tiff_are_frames() {
    let server = serve();
    let stack = pages(&[10, 20, 30], 1);

    let json = server
        .post(&format!("{PATH}?frame=2&include=image"), &stack)
        .json();
    let past = server.post(&format!("{PATH}?frame=3"), &stack);

    assert_eq!(json["frame"], 2);
    assert_eq!(json["frames"], 3);
    let engine = base64::engine::general_purpose::STANDARD;
    let png = base64::Engine::decode(&engine, json["image_png"].as_str().unwrap()).unwrap();
    assert!(decode(&png).into_luma8().iter().all(|&gray| gray == 30));
    assert_eq!(past.status, 422);
    assert_eq!(
        past.problem(),
        "There is no frame 3; the image has 3, numbered from 0."
    );
}

#[test]
fn codec_that_is_not_read_is_named() {
    let answer = serve().post(PATH, &pages(&[10], 50_000));

    assert_eq!(answer.status, 415);
    assert_eq!(
        answer.problem(),
        "The image is not read: it is compressed with Zstandard; `tiffcp -c lzw IN OUT` converts it."
    );
}

#[test]
fn first_bytes_decide_and_names_do_not() {
    let server = serve();
    let gif = b"GIF89a\x01\0\x01\0\0\0\0;";
    for bytes in [&b"hello"[..], gif, b"%PDF-1.7", b"\x89PN"] {
        let answer = post(
            server.address,
            PATH,
            &[("Content-Type", "image/png")],
            bytes,
        );

        assert_eq!(answer.status, 415);
        let words = format!("not a {} image", format_names());
        assert!(answer.problem().contains(&words), "{}", answer.problem());
    }
}

#[test]
fn the_api_names_every_format() {
    let server = serve();
    let words = format!("Takes a {} (", format_names());

    for page in ["/api", "/api/openapi.json"] {
        let answer = server.get(page);

        assert!(answer.text().contains(&words), "{page} has no {words}");
    }
}

#[test]
fn damaged_files_are_told_apart_from_foreign_ones() {
    let server = serve();
    let png = encode(nerve(), ImageFormat::Png);
    let jpeg = encode(nerve(), ImageFormat::Jpeg);
    let clip = clip();

    for cut in [
        &png[..png.len() / 2],
        &jpeg[..jpeg.len() / 2],
        &clip[..clip.len() / 2],
    ] {
        let answer = server.post(PATH, cut);

        assert_eq!(answer.status, 422, "{}", answer.text());
    }
}

#[test]
fn a_bomb_is_refused_by_its_header() {
    let server = serve();
    // a BMP of 60000 × 60000 pixels, as far as it says
    let mut bomb = encode_bmp_head(60_000, 60_000);
    bomb.resize(4096, 0);

    let answer = server.post(PATH, &bomb);

    assert_eq!(answer.status, 413);
    assert!(
        answer.problem().contains("more than"),
        "{}",
        answer.problem()
    );
}

fn encode_bmp_head(width: u32, height: u32) -> Vec<u8> {
    let mut head = b"BM".to_vec();
    for number in [4096, 0, 54, 40, width, height] {
        head.extend_from_slice(&number.to_le_bytes());
    }
    head.extend_from_slice(&[1, 0, 24, 0]);
    head
}

#[test]
fn one_pixel_too_many_is_too_many() {
    let server = serve_with(Settings {
        max_pixels: 30 * 20,
        ..Settings::default()
    });
    for format in [ImageFormat::Png, ImageFormat::Tiff] {
        let ask = |width, height| {
            let image = GrayImage::from_pixel(width, height, Luma([90]));
            server.post(PATH, &encode(&image, format)).status
        };

        assert_eq!((ask(30, 20), ask(20, 30), ask(601, 1)), (200, 200, 413));
    }
}
