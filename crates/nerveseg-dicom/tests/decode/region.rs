//! Where the tissue is and how large its pixels are: right or unknown, never guessed.

use nerveseg_dicom::{DicomError, Limits, Pick, Region, decode};

use crate::dicom::{
    Dicom, EXPLICIT_BIG, EXPLICIT_LITTLE, Element, IMPLICIT_LITTLE, Value, gradient,
};

const CENTIMETRES: u16 = 3;
const SECONDS: u16 = 4;

/// A 2D tissue region from the top left corner, of `delta` `[x, y]` per pixel.
fn region(units: u16, [width, height]: [u32; 2], delta: [f64; 2]) -> Vec<Element> {
    vec![
        ((0x0018, 0x6012), Value::U16(vec![1])),
        ((0x0018, 0x6014), Value::U16(vec![1])),
        ((0x0018, 0x6018), Value::U32(0)),
        ((0x0018, 0x601a), Value::U32(0)),
        ((0x0018, 0x601c), Value::U32(width - 1)),
        ((0x0018, 0x601e), Value::U32(height - 1)),
        ((0x0018, 0x6024), Value::U16(vec![units])),
        ((0x0018, 0x6026), Value::U16(vec![units])),
        ((0x0018, 0x602c), Value::F64(delta[0])),
        ((0x0018, 0x602e), Value::F64(delta[1])),
    ]
}

fn spacing(file: &Dicom) -> Option<[f64; 2]> {
    decode(&file.write(), 0, &Limits::default())
        .unwrap()
        .spacing_mm
}

fn with_regions(regions: &[Vec<Element>]) -> Dicom {
    Dicom::new(EXPLICIT_LITTLE)
        .bytes(&gradient())
        .with(0x0018_6011, Value::Items(regions.to_vec(), true))
}

#[test]
fn centimetres_of_a_region_become_millimetres() {
    for uid in [IMPLICIT_LITTLE, EXPLICIT_LITTLE, EXPLICIT_BIG] {
        for delimited in [true, false] {
            let regions = vec![region(CENTIMETRES, [20, 10], [0.25, 0.5])];
            let file = Dicom::new(uid)
                .bytes(&gradient())
                .with(0x0018_6011, Value::Items(regions, delimited));
            assert_eq!(spacing(&file), Some([5.0, 2.5]), "{uid} {delimited}");
        }
    }
}

fn region_of(file: &Dicom) -> Option<Region> {
    decode(&file.write(), 0, &Limits::default()).unwrap().tissue
}

#[test]
fn largest_region_counts() {
    let mut largest = region(CENTIMETRES, [20, 10], [0.25, -0.5]);
    largest[2].1 = Value::U32(5);
    largest[3].1 = Value::U32(1);
    let file = with_regions(&[
        region(CENTIMETRES, [5, 5], [1.0, 1.0]),
        largest,
        region(CENTIMETRES, [10, 10], [2.0, 2.0]),
    ]);
    let expected = Region {
        x: 5,
        y: 1,
        width: 15,
        height: 9,
    };
    assert_eq!(region_of(&file), Some(expected));
    assert_eq!(spacing(&file), Some([5.0, 2.5]));
}

#[test]
fn every_region_can_be_picked_and_the_frame_says_which_it_is() {
    let spectrum = {
        let mut region = region(SECONDS, [22, 17], [1.0, 1.0]);
        region[1].1 = Value::U16(vec![3]);
        region
    };
    let file = with_regions(&[
        spectrum,
        region(CENTIMETRES, [5, 6], [1.0, 1.0]),
        region(CENTIMETRES, [20, 10], [0.25, 0.5]),
        region(CENTIMETRES, [20, 10], [0.5, 0.5]),
    ])
    .write();
    let read = |region| decode(&file, Pick { frame: 0, region }, &Limits::default());

    for (wanted, number, width, spacing) in [
        (None, 1, 20, [5.0, 2.5]),
        (Some(0), 0, 5, [10.0, 10.0]),
        (Some(1), 1, 20, [5.0, 2.5]),
        (Some(2), 2, 20, [5.0, 5.0]),
    ] {
        let frame = read(wanted).unwrap();
        assert_eq!((frame.region, frame.regions), (number, 3), "{wanted:?}");
        assert_eq!(frame.tissue.map(|region| region.width), Some(width));
        assert_eq!(frame.spacing_mm, Some(spacing));
    }
    let missing = |region, regions| DicomError::RegionOutOfRange { region, regions };
    assert_eq!(read(Some(3)).unwrap_err(), missing(3, 3));

    let plain = Dicom::new(EXPLICIT_LITTLE).bytes(&gradient()).write();
    let frame = decode(&plain, 0, &Limits::default()).unwrap();
    assert_eq!((frame.region, frame.regions), (0, 0));
    let pick = Pick {
        frame: 0,
        region: Some(0),
    };
    let error = decode(&plain, pick, &Limits::default()).unwrap_err();
    assert_eq!(error, missing(0, 0));
}

#[test]
fn end_of_a_region_may_be_written_as_the_pixel_after_it() {
    let file = with_regions(&[region(CENTIMETRES, [23, 18], [0.25, 0.5])]);
    let expected = Region {
        x: 0,
        y: 0,
        width: 22,
        height: 17,
    };
    assert_eq!(region_of(&file), Some(expected));
}

#[test]
fn region_without_a_scale_has_a_place_and_borrows_none() {
    let file = with_regions(&[
        region(CENTIMETRES, [5, 5], [1.0, 1.0]),
        region(SECONDS, [20, 10], [0.25, 0.5]),
    ]);
    assert_eq!(region_of(&file).map(|region| region.width), Some(20));
    assert_eq!(spacing(&file), None);
    for delta in [0.0, f64::NAN, f64::INFINITY] {
        let file = with_regions(&[region(CENTIMETRES, [20, 10], [delta, 0.5])]);
        assert_eq!(spacing(&file), None, "{delta}");
        let file = file.with(0x0028_0030, Value::Text("0.3\\0.4"));
        assert_eq!(spacing(&file), Some([0.3, 0.4]), "{delta}");
    }
}

#[test]
fn region_of_something_else_is_not_used() {
    let replaced = |tag: (u16, u16), value: Value| {
        let mut region = region(CENTIMETRES, [20, 10], [0.25, 0.5]);
        region.iter_mut().find(|(t, _)| *t == tag).unwrap().1 = value;
        region
    };
    for unusable in [
        // M-mode, a spectrum, the wrong way round
        replaced((0x0018, 0x6012), Value::U16(vec![2])),
        replaced((0x0018, 0x6014), Value::U16(vec![3])),
        replaced((0x0018, 0x6018), Value::U32(u32::MAX)),
        // of an image twice as large, from which this was made
        region(CENTIMETRES, [44, 34], [0.25, 0.5]),
        vec![],
    ] {
        let file = with_regions(&[unusable]);
        assert_eq!((region_of(&file), spacing(&file)), (None, None));
        let file = file.with(0x0028_0030, Value::Text("0.3\\0.4"));
        assert_eq!(spacing(&file), Some([0.3, 0.4]));
    }
}

#[test]
fn pixel_spacing_is_used_only_if_it_is_plausible() {
    for (text, expected) in [
        ("0.3\\0.4", Some([0.3, 0.4])),
        (" 3E-1\\0.4 ", Some([0.3, 0.4])),
        ("0.3", None),
        ("0\\0.4", None),
        ("-1\\1", None),
        ("inf\\1", None),
        ("a\\b", None),
        ("", None),
    ] {
        let file = Dicom::new(EXPLICIT_LITTLE)
            .bytes(&gradient())
            .with(0x0028_0030, Value::Text(text));
        assert_eq!(spacing(&file), expected, "{text:?}");
    }
}

#[test]
fn size_of_an_icon_is_not_that_of_the_image() {
    let icon = vec![
        ((0x0028, 0x0010), Value::U16(vec![3])),
        ((0x0028, 0x0011), Value::U16(vec![4])),
        ((0x0028, 0x0030), Value::Text("9\\9")),
        ((0x7fe0, 0x0010), Value::Bytes(vec![1; 12])),
    ];
    for delimited in [true, false] {
        let file = Dicom::new(EXPLICIT_LITTLE)
            .bytes(&gradient())
            .with(0x0008_1140, Value::Items(vec![icon.clone()], delimited));
        let frame = decode(&file.write(), 0, &Limits::default()).unwrap();
        assert_eq!(frame.pixels.dimensions(), (22, 17));
        assert_eq!(frame.spacing_mm, None);
    }
}
