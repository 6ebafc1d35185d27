//! What a frame knows about itself.

use std::borrow::Cow;

use image::{GrayImage, Luma};
use nerveseg_frame::{Frame, Region, luma, spread};

const REGION: Region = Region {
    x: 3,
    y: 2,
    width: 20,
    height: 15,
};

fn pixels() -> GrayImage {
    GrayImage::from_fn(23, 17, |x, y| Luma([(10 * y + x) as u8]))
}

#[test]
fn picture_is_the_only_frame_and_all_of_it_is_tissue() {
    let frame = Frame::new(pixels());

    assert_eq!((frame.index, frame.count), (0, 1));
    assert_eq!((frame.spacing_mm, frame.tissue), (None, None));
    assert_eq!((frame.size(), frame.tissue_origin()), ([17, 23], [0, 0]));
    assert_eq!(frame.pixel_area_mm2(), None);
    assert!(matches!(frame.tissue_pixels(), Cow::Borrowed(all) if *all == frame.pixels));
    assert_eq!(frame, Frame::from(pixels()));
}

#[test]
fn tissue_is_cut_out_where_the_file_says_it_is() {
    let frame = Frame {
        tissue: Some(REGION),
        spacing_mm: Some([0.25, 0.5]),
        ..Frame::new(pixels())
    };

    let tissue = frame.tissue_pixels();

    assert_eq!(tissue.dimensions(), (20, 15));
    assert_eq!(tissue.get_pixel(0, 0), frame.pixels.get_pixel(3, 2));
    assert_eq!(tissue.get_pixel(19, 14), frame.pixels.get_pixel(22, 16));
    assert_eq!(frame.tissue_origin(), [2, 3]);
    assert_eq!(frame.pixel_area_mm2(), Some(0.125));
}

#[test]
fn region_fits_only_where_all_of_it_lies_inside() {
    assert_eq!(REGION.area(), 300);
    assert!(REGION.fits(23, 17));
    assert!(!REGION.fits(22, 17) && !REGION.fits(23, 16));
    let empty = Region { width: 0, ..REGION };
    assert!(!empty.fits(23, 17));
    let beyond_counting = Region {
        x: u32::MAX,
        ..REGION
    };
    assert!(!beyond_counting.fits(u32::MAX, 17));
}

#[test]
fn equal_channels_keep_their_value() {
    for value in 0..=u8::MAX {
        assert_eq!(luma([value; 3]), value);
    }
}

#[test]
fn pure_colours_follow_rec_601() {
    assert_eq!(luma([255, 0, 0]), 76);
    assert_eq!(luma([0, 255, 0]), 150);
    assert_eq!(luma([0, 0, 255]), 29);
}

#[test]
fn samples_are_spread_from_black_to_white() {
    for value in 0..=u8::MAX {
        assert_eq!(spread(value.into(), 8), value);
        assert_eq!(spread(u16::from(value) * 257, 16), value);
    }
    for bits in 1..=16 {
        let white = u16::MAX >> (16 - bits);
        assert_eq!([spread(0, bits), spread(white, bits)], [0, 255], "{bits}");
        assert_eq!(spread(u16::MAX, bits), 255, "{bits}");
    }
    // the nearest of 256 shares: 7.97, 127.53 and 128.47 of 255
    assert_eq!([128, 2048, 2063].map(|it| spread(it, 12)), [8, 128, 128]);
    assert_eq!([128, 129].map(|it| spread(it, 16)), [0, 1]);
    let below_white = [128, 129].map(|it| spread(u16::MAX - it, 16));
    assert_eq!(below_white, [255, 254]);
}
