//! Frames inside larger pictures, with the shipped model: the answer is that without the border.

use std::path::{Path, PathBuf};

use image::codecs::jpeg::JpegEncoder;
use image::{GrayImage, Luma};
use ndarray::s;
use nerveseg_data::read_image;
use nerveseg_model::{DeviceSpec, Frame, Region, Segmentation, Segmenter};

fn asset(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../assets")
        .join(name)
}

fn segmenter() -> Segmenter {
    let model = asset("models/brachial-plexus.safetensors");
    Segmenter::from_file(model, DeviceSpec::Cpu).unwrap()
}

fn samples() -> Vec<(&'static str, GrayImage)> {
    let names = [
        "phantom-nerve",
        "phantom-empty",
        "neck",
        "armpit",
        "collarbone",
    ];
    let read = |name| {
        (
            name,
            read_image(asset(&format!("samples/{name}.png"))).unwrap(),
        )
    };
    names.map(read).to_vec()
}

/// Pixels at the left, above, at the right and below.
type Margins = [u32; 4];

/// `picture` in a larger one, whose other pixels `grey` gives.
fn bordered(picture: &GrayImage, margins: Margins, grey: &dyn Fn(u32) -> u8) -> GrayImage {
    let [left, above, right, below] = margins;
    let width = left + picture.width() + right;
    let height = above + picture.height() + below;
    // a hash: noise without a pattern
    let pixel = |x: u32, y: u32| grey((x * 7919 + y * 104_729).wrapping_mul(2_654_435_761) >> 16);
    let mut large = GrayImage::from_fn(width, height, |x, y| Luma([pixel(x, y)]));
    image::imageops::replace(&mut large, picture, left.into(), above.into());
    large
}

/// Parts of the side of `picture`, in per cent, as pixels.
fn margins(picture: &GrayImage, per_cent: Margins) -> Margins {
    let (width, height) = picture.dimensions();
    let [left, above, right, below] = per_cent;
    [left * width, above * height, right * width, below * height].map(|pixels| pixels / 100)
}

fn answers(segmenter: &Segmenter, picture: &GrayImage) -> Segmentation {
    segmenter.segment(picture).unwrap()
}

#[test]
fn a_plain_border_changes_nothing_but_the_place_of_the_mask() {
    let segmenter = segmenter();
    for (name, picture) in samples() {
        let alone = answers(&segmenter, &picture);
        for per_cent in [
            [10; 4],
            [25; 4],
            [60; 4],
            [0, 30, 0, 30],
            [40, 0, 15, 0],
            [0, 0, 0, 12],
        ] {
            for grey in [0_u8, 90, 255] {
                for noise in [0, 4] {
                    let margins = margins(&picture, per_cent);
                    let pixel = |at: u32| {
                        let noise = (at % (2 * noise + 1)) as i32 - noise as i32;
                        (i32::from(grey) + noise).clamp(0, 255) as u8
                    };
                    let large = bordered(&picture, margins, &pixel);
                    let found = answers(&segmenter, &large);
                    let case = format!("{name} {per_cent:?} {grey} ± {noise}");

                    assert_eq!(found.presence_state, alone.presence_state, "{case}");
                    let difference = (found.presence - alone.presence).abs();
                    assert!(difference < 1e-3, "{case}: presence is off by {difference}");
                    assert_eq!(
                        found.objection.is_some(),
                        alone.objection.is_some(),
                        "{case}"
                    );
                    let (height, width) = alone.mask.dim();
                    let [left, above, ..] = margins.map(|pixels| pixels as usize);
                    let inside = found
                        .mask
                        .slice(s![above..above + height, left..left + width]);
                    let moved = inside
                        .iter()
                        .zip(&alone.mask)
                        .filter(|(a, b)| a != b)
                        .count();
                    assert!(moved * 50 <= alone.area_px, "{case}: {moved} pixels");
                    assert_eq!(
                        found.mask.dim(),
                        (large.height() as usize, large.width() as usize)
                    );
                }
            }
        }
    }
}

/// The JPEG changes the frame itself, too, and blurs where it ends.
#[test]
fn a_border_in_a_jpeg_makes_no_nerve_out_of_none() {
    let segmenter = segmenter();
    for (name, picture) in samples() {
        let alone = answers(&segmenter, &picture);
        for per_cent in [[10; 4], [33; 4], [0, 45, 0, 45]] {
            for grey in [0, 128, 255] {
                let large = bordered(&picture, margins(&picture, per_cent), &|_| grey);
                let mut jpeg = Vec::new();
                let mut encoder = JpegEncoder::new_with_quality(&mut jpeg, 80);
                encoder.encode_image(&large).unwrap();
                let large = nerveseg_data::read_image_bytes(&jpeg, "border.jpg").unwrap();

                let found = answers(&segmenter, &large);

                let case = format!("{name} {per_cent:?} {grey}");
                let difference = (found.presence - alone.presence).abs();
                assert!(difference < 0.1, "{case}: presence is off by {difference}");
                assert_eq!(found.objection, None, "{case}");
            }
        }
    }
}

#[test]
fn a_frame_lost_in_its_border_is_objected_to() {
    let segmenter = segmenter();
    let (_, picture) = samples().remove(0);
    let lost = bordered(&picture, margins(&picture, [400; 4]), &|_| 0);
    // texts at the corners of a screen keep its border from being plain
    let mut screen = bordered(&picture, margins(&picture, [60; 4]), &|_| 0);
    let (width, height) = screen.dimensions();
    for [x, y] in [
        [5, 5],
        [width - 80, 5],
        [5, height - 15],
        [width - 80, height - 15],
    ] {
        for (dx, dy) in (0..75).flat_map(|dx| (0..10).map(move |dy| (dx, dy))) {
            let ink = (dx * 5 + dy * 3) % 7 < 3;
            screen.put_pixel(x + dx, y + dy, Luma([if ink { 230 } else { 0 }]));
        }
    }
    for (picture, reason) in [(lost, "plain border"), (screen, "lie empty at its edges")] {
        let objection = answers(&segmenter, &picture).objection.unwrap_or_default();
        assert!(
            objection.contains(reason),
            "`{objection}` should mention `{reason}`"
        );
    }
}

#[test]
fn the_tissue_that_a_file_names_is_cropped_further() {
    let segmenter = segmenter();
    let (_, picture) = samples().remove(0);
    let alone = answers(&segmenter, &picture);
    let inner = bordered(&picture, margins(&picture, [20; 4]), &|_| 0);
    let screen = bordered(&inner, [31, 17, 5, 40], &|at| (at % 251) as u8);
    let tissue = Region {
        x: 31,
        y: 17,
        width: inner.width(),
        height: inner.height(),
    };
    let frame = Frame {
        tissue: Some(tissue),
        ..Frame::new(screen)
    };

    let found = segmenter.segment_frame(&frame).unwrap();

    assert!((found.presence - alone.presence).abs() < 1e-3);
    assert_eq!(found.area_px, alone.area_px);
    assert_eq!(<[usize; 2]>::from(found.mask.dim()), frame.size());
}
