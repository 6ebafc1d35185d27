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
    assert_eq!((frame.size(), frame.shown().origin()), ([17, 23], [0, 0]));
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
    assert_eq!(frame.shown().origin(), [2, 3]);
    assert_eq!(frame.pixel_area_mm2(), Some(0.125));
}

/// Tissue-like pixels: no line of them is plain.
fn textured(width: u32, height: u32) -> GrayImage {
    GrayImage::from_fn(width, height, |x, y| {
        Luma([(60 + (x * 37 + y * 59) % 151) as u8])
    })
}

/// `picture` in a larger one, whose other pixels `grey` gives.
fn bordered(
    picture: &GrayImage,
    [x, y, right, below]: [u32; 4],
    grey: impl Fn(u32) -> u8,
) -> GrayImage {
    let (width, height) = (picture.width() + x + right, picture.height() + y + below);
    let mut large = GrayImage::from_fn(width, height, |x, y| Luma([grey(x * 31 + y * 17)]));
    image::imageops::replace(&mut large, picture, x.into(), y.into());
    large
}

#[test]
fn plain_border_of_any_grey_is_not_shown() {
    let picture = textured(110, 90);
    for margins in [
        [11, 9, 11, 9],
        [66, 54, 66, 54],
        [0, 30, 0, 30],
        [20, 0, 0, 0],
        [0, 0, 3, 0],
    ] {
        for grey in [0_u8, 7, 128, 255] {
            let plain = |_| grey;
            let noisy = |at: u32| grey.saturating_add((at % 9) as u8).saturating_sub(4);
            let frames = [
                bordered(&picture, margins, plain),
                bordered(&picture, margins, noisy),
                // a white page with a letterbox on it
                bordered(&bordered(&picture, margins, plain), [13; 4], |_| 255),
            ];
            for pixels in frames {
                let frame = Frame::new(pixels);
                assert_eq!(*frame.tissue_pixels(), picture, "{margins:?} {grey}");
            }
        }
    }
    let frame = Frame::new(bordered(&picture, [11, 9, 5, 40], |_| 0));
    assert_eq!(frame.shown().origin(), [9, 11]);
}

#[test]
fn border_inside_the_tissue_that_a_file_names_is_not_shown_either() {
    let picture = textured(80, 60);
    let screen = bordered(&bordered(&picture, [20; 4], |_| 0), [10; 4], |at| {
        (at % 251) as u8
    });
    let frame = Frame {
        tissue: Some(Region {
            x: 10,
            y: 10,
            width: 120,
            height: 100,
        }),
        ..Frame::new(screen)
    };
    assert_eq!(*frame.tissue_pixels(), picture);
    assert_eq!(frame.shown().origin(), [30, 30]);
}

#[test]
fn what_is_no_border_is_shown() {
    let thin = bordered(&textured(110, 90), [1; 4], |_| 0);
    let tiny = bordered(&textured(20, 20), [40; 4], |_| 0);
    let rough = bordered(&textured(110, 90), [20; 4], |at| (at % 20) as u8);
    for (name, pixels) in [
        ("a line", thin),
        ("an icon", tiny),
        ("a pattern", rough),
        (
            "nothing at all",
            GrayImage::from_pixel(200, 100, Luma([33])),
        ),
        ("no pixels", GrayImage::new(0, 0)),
        ("no rows", GrayImage::new(7, 0)),
    ] {
        let frame = Frame::new(pixels);
        assert!(matches!(frame.tissue_pixels(), Cow::Borrowed(_)), "{name}");
    }
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
