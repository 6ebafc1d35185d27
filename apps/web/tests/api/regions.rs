//! Screens with several views.

use image::{GrayImage, ImageFormat, imageops};

use crate::support::{bundled, encode, nerve, other_nerve, serve};

const PATH: &str = "/api/v1/segment";

/// An element of group and number, in explicit little endian.
fn element(tag: [u16; 2], representation: [u8; 2], value: &[u8]) -> Vec<u8> {
    let mut bytes = tag.map(u16::to_le_bytes).concat();
    bytes.extend(representation);
    if matches!(representation, [b'O', b'B'] | [b'S', b'Q']) {
        bytes.extend([0, 0]);
        bytes.extend((value.len() as u32).to_le_bytes());
    } else {
        bytes.extend((value.len() as u16).to_le_bytes());
    }
    bytes.extend(value);
    bytes
}

/// A 2D tissue region.
fn region([x, y, width, height]: [u32; 4]) -> Vec<u8> {
    let short = |number, value: u16| element([0x0018, number], *b"US", &value.to_le_bytes());
    let long = |number, value: u32| element([0x0018, number], *b"UL", &value.to_le_bytes());
    let content = [
        short(0x6012, 1),
        short(0x6014, 1),
        long(0x6018, x),
        long(0x601a, y),
        long(0x601c, x + width - 1),
        long(0x601e, y + height - 1),
    ]
    .concat();
    let mut item = vec![0xfe, 0xff, 0x00, 0xe0];
    item.extend((content.len() as u32).to_le_bytes());
    item.extend(content);
    item
}

/// A screen with two views beside each other; no preamble, as many write it.
fn dual() -> Vec<u8> {
    let (left, right) = (nerve(), other_nerve());
    let (width, height) = (left.width() + right.width(), left.height());
    let mut screen = GrayImage::new(width, height);
    imageops::replace(&mut screen, left, 0, 0);
    imageops::replace(&mut screen, right, left.width().into(), 0);
    let regions = [
        region([0, 0, left.width(), height]),
        region([left.width(), 0, right.width(), height]),
    ];
    let short =
        |number, value: u32| element([0x0028, number], *b"US", &(value as u16).to_le_bytes());
    [
        element([0x0008, 0x0060], *b"CS", b"US"),
        element([0x0018, 0x6011], *b"SQ", &regions.concat()),
        short(0x0002, 1),
        element([0x0028, 0x0004], *b"CS", b"MONOCHROME2 "),
        short(0x0010, height),
        short(0x0011, width),
        short(0x0100, 8),
        short(0x0101, 8),
        short(0x0102, 7),
        element([0x7fe0, 0x0010], *b"OB", screen.as_raw()),
    ]
    .concat()
}

#[test]
fn each_view_of_a_screen_is_answered_for_itself() {
    let server = serve();
    let dual = dual();
    for (query, number, view) in [
        ("", 0, nerve()),
        ("?region=0", 0, nerve()),
        ("?region=1&frame=0", 1, other_nerve()),
    ] {
        let json = server.post(&format!("{PATH}{query}"), &dual).json();

        assert_eq!(
            (json["region"].as_u64(), json["regions"].as_u64()),
            (Some(number), Some(2))
        );
        let expected = bundled().segment(view).unwrap();
        assert_eq!(json["area_px"], expected.area_px, "{query}");
        let offset = if number == 1 { nerve().width() } else { 0 };
        let left = expected
            .components
            .iter()
            .map(|it| it.bounding_box[1])
            .min();
        let left = left.expect("there is a nerve") as u64 + u64::from(offset);
        assert_eq!(json["bbox"]["x"].as_u64(), Some(left), "{query}");
    }
}

#[test]
fn a_region_that_is_not_there_is_refused() {
    let server = serve();
    let png = encode(nerve(), ImageFormat::Png);
    for (query, body, reason) in [
        ("region=2", &dual(), "egion 2"),
        ("region=0", &png, "region 0"),
    ] {
        let answer = server.post(&format!("{PATH}?{query}"), body);
        assert_eq!(answer.status, 422);
        assert!(answer.problem().contains(reason), "{}", answer.problem());
    }
    let answer = server.post(&format!("{PATH}?region=left"), &png);
    assert_eq!(answer.status, 400);
}

#[test]
fn a_picture_names_no_region() {
    let json = serve()
        .post(PATH, &encode(nerve(), ImageFormat::Png))
        .json();
    assert_eq!(
        (json["region"].as_u64(), json["regions"].as_u64()),
        (Some(0), Some(0))
    );
}
