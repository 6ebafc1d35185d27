//! Generated frames, encoded and decoded.

use std::io::Cursor;
use std::sync::OnceLock;

use image::{GrayImage, ImageFormat};
use nerveseg_data::phantom::{Phantom, PhantomConfig};

use super::models::bundled;

fn phantom(subject: u32) -> GrayImage {
    let config = PhantomConfig {
        subjects: 20,
        frames_per_subject: 1,
        positive_fraction: 1.0,
        seed: 7,
        // odd and unequal, so that swapped sides show
        width: 293,
        height: 211,
        ..PhantomConfig::default()
    };
    Phantom::new(config).unwrap().case(subject, 1).frame.pixels
}

/// A phantom with a nerve.
pub(crate) fn nerve() -> &'static GrayImage {
    static FRAME: OnceLock<GrayImage> = OnceLock::new();
    FRAME.get_or_init(|| phantom(1))
}

/// A phantom of somebody else, whose nerve is found as well.
pub(crate) fn other_nerve() -> &'static GrayImage {
    static FRAME: OnceLock<GrayImage> = OnceLock::new();
    FRAME.get_or_init(|| {
        let mut others = (2..=20).map(phantom);
        let found = |frame: &GrayImage| bundled().segment(frame).unwrap().area_px > 0;
        others.find(found).expect("one of many is found")
    })
}

pub(crate) fn encode(image: &GrayImage, format: ImageFormat) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    image.write_to(&mut bytes, format).unwrap();
    bytes.into_inner()
}

pub(crate) fn decode(png: &[u8]) -> image::DynamicImage {
    image::load_from_memory_with_format(png, ImageFormat::Png).unwrap()
}
