//! Odd frames of a dataset: what the commands say that read it.

use image::{GrayImage, ImageBuffer, Luma};

use crate::dicom_file::{dicom, element, long_element, us};
use crate::util::{Bench, stderr};

/// Commands that read a dataset, with an answer that nobody looks at.
const COMMANDS: [&str; 3] = [
    "train --data data --preset small --config tiny.toml --device flex --epochs 1 --out run",
    "evaluate --data data --device cpu --subjects 1",
    "audit data",
];

/// Puts another file in the place of a frame of every subject.
fn replace(bench: &Bench, frame: u32, extension: &str, encode: impl Fn(&GrayImage) -> Vec<u8>) {
    for subject in 1..=6 {
        let old = bench.path(&format!("data/train/{subject}_{frame}.tif"));
        let picture = image::open(&old).unwrap().into_luma8();
        std::fs::write(old.with_extension(extension), encode(&picture)).unwrap();
        std::fs::remove_file(old).unwrap();
    }
}

/// 12 bits in the 16 of a PNG.
fn deep_png(picture: &GrayImage) -> Vec<u8> {
    let (width, height) = picture.dimensions();
    let sample = |x, y| Luma([u16::from(picture.get_pixel(x, y).0[0]) << 4]);
    let mut bytes = std::io::Cursor::new(Vec::new());
    ImageBuffer::from_fn(width, height, sample)
        .write_to(&mut bytes, image::ImageFormat::Png)
        .unwrap();
    bytes.into_inner()
}

fn size(picture: &GrayImage) -> [u32; 2] {
    [picture.height(), picture.width()]
}

/// So many bits in the 16 of a DICOM.
fn deep_dicom(picture: &GrayImage, bits: u32) -> Vec<u8> {
    let sample = |&it: &u8| (u16::from(it) << (bits - 8)).to_le_bytes();
    let samples: Vec<u8> = picture.as_raw().iter().flat_map(sample).collect();
    dicom(size(picture), 16, &[], &samples)
}

/// A DICOM that says that its left and right half are regions of tissue.
fn two_regions(picture: &GrayImage) -> Vec<u8> {
    let [height, width] = size(picture);
    let ul = |tag, value: u32| element(tag, "UL", &value.to_le_bytes());
    let region = |left: u32| {
        let content = [
            us([0x0018, 0x6012], 1),
            us([0x0018, 0x6014], 1),
            ul([0x0018, 0x6018], left),
            ul([0x0018, 0x601a], 0),
            ul([0x0018, 0x601c], left + width / 2 - 1),
            ul([0x0018, 0x601e], height - 1),
        ]
        .concat();
        let length = (content.len() as u32).to_le_bytes();
        [&[0xfe, 0xff, 0x00, 0xe0][..], &length, &content].concat()
    };
    let regions = [region(0), region(width / 2)].concat();
    let regions = long_element([0x0018, 0x6011], "SQ", &regions);
    dicom(size(picture), 8, &regions, picture.as_raw())
}

/// What a command says of depth and regions.
fn said(bench: &Bench, command: &str) -> Vec<String> {
    let output = bench.run(command);
    let text = stderr(&output);
    // a network of one epoch may find nothing, which is a failure of another kind
    assert!(!text.contains("error:"), "{command}: {text}");
    let is_wanted = |line: &&str| line.starts_with("depth:") || line.contains("regions of tissue");
    text.lines().filter(is_wanted).map(str::to_owned).collect()
}

#[test]
fn depth_and_regions_of_frames_are_said_once() {
    let bench = Bench::new();
    for command in COMMANDS {
        assert!(said(&bench, command).is_empty(), "{command}");
    }
    std::fs::remove_dir_all(bench.path("run")).unwrap();
    replace(&bench, 1, "png", deep_png);
    replace(&bench, 2, "dcm", |picture| deep_dicom(picture, 8));
    replace(&bench, 3, "dcm", two_regions);

    for command in COMMANDS {
        let expected = [
            "depth: 12 bits in 16, the same for all frames",
            "warning: files show several regions of tissue, of which the largest is used; \
             `nerveseg audit` names them",
        ];
        assert_eq!(said(&bench, command), expected, "{command}");
    }
}

#[test]
fn depth_is_that_of_the_brightest_dicom() {
    let bench = Bench::new();
    for (frame, bits) in [(2, 8), (3, 10), (4, 8)] {
        replace(&bench, frame, "dcm", |picture| deep_dicom(picture, bits));
        let most = if frame == 2 { 8 } else { 10 };

        let depth = said(&bench, "audit data");

        let expected = format!("depth: {most} bits in 16, the same for all frames");
        assert_eq!(depth, [expected]);
    }
}
