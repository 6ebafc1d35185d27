use ndarray::{Array2, s};
use nerveseg_data::rle::{decode, encode};
use nerveseg_data::{RleError, Run, RunLengths};
use proptest::prelude::*;

fn masks() -> impl Strategy<Value = Array2<bool>> {
    (0..24_usize, 0..24_usize).prop_flat_map(|(height, width)| {
        prop::collection::vec(any::<bool>(), height * width)
            .prop_map(move |v| Array2::from_shape_vec((height, width), v).unwrap())
    })
}

/// Runs with a gap between each other, and the pixels they need.
fn gapped_runs() -> impl Strategy<Value = (RunLengths, u32)> {
    prop::collection::vec((1..40_u32, 1..40_u32), 0..30).prop_map(|pairs| {
        let mut end = 0;
        let runs = pairs
            .into_iter()
            .map(|(gap, length)| {
                let start = end + 1 + gap;
                end = start + length - 1;
                Run { start, length }
            })
            .collect();
        (RunLengths::new(runs).unwrap(), end)
    })
}

proptest! {
    #[test]
    fn decoding_what_was_encoded_gives_the_mask(mask in masks()) {
        let size = [mask.nrows() as u32, mask.ncols() as u32];
        let runs = encode(mask.view());

        prop_assert_eq!(runs.area_px(), mask.iter().filter(|&&set| set).count() as u64);
        prop_assert_eq!(&runs.to_mask(size).unwrap(), &mask);
        prop_assert_eq!(decode(&runs.to_string(), size).unwrap(), mask);
    }

    #[test]
    fn encoding_what_was_decoded_gives_the_runs((runs, pixels) in gapped_runs(), height in 1..50_u32) {
        let width = pixels.div_ceil(height);
        let mask = runs.to_mask([height, width]).unwrap();

        prop_assert_eq!(encode(mask.view()), runs);
    }

    #[test]
    fn views_encode_like_copies(mask in masks()) {
        let view = mask.slice(s![..;-1, ..;2]);

        prop_assert_eq!(encode(view), encode(view.to_owned().view()));
        prop_assert_eq!(encode(mask.t()), encode(mask.t().as_standard_layout().view()));
    }

    #[test]
    fn any_text_is_a_list_or_an_error(text in "[0-9 +a-]{0,40}") {
        if let Ok(runs) = text.parse::<RunLengths>() {
            prop_assert_eq!(runs.to_string().parse::<RunLengths>().unwrap(), runs);
        }
    }
}

#[test]
fn pixels_are_numbered_down_the_columns_from_1() {
    let mut mask = Array2::from_elem((17, 23), false);
    mask[[0, 0]] = true;
    mask[[16, 1]] = true;
    mask[[0, 2]] = true; // the pixel after the foot of a column is the head of the next

    assert_eq!(encode(mask.view()).to_string(), "1 1 34 2");
}

#[test]
fn empty_text_is_an_empty_mask() {
    assert_eq!(
        decode("", [17, 23]).unwrap(),
        Array2::from_elem((17, 23), false)
    );
    assert_eq!(
        encode(Array2::from_elem((17, 23), false).view()).to_string(),
        ""
    );
}

#[test]
fn full_mask_is_one_run() {
    assert_eq!(
        encode(Array2::from_elem((17, 23), true).view()).to_string(),
        "1 391"
    );
    assert!(decode("1 391", [17, 23]).unwrap().iter().all(|&set| set));
}

#[test]
fn every_broken_rule_has_its_error() {
    let not_a_number = |token: &str| RleError::NotANumber {
        token: token.to_owned(),
    };
    for (text, expected) in [
        ("1", RleError::MissingLength { start: 1 }),
        ("1 2 7", RleError::MissingLength { start: 7 }),
        ("0 3", RleError::ZeroStart),
        ("3 0", RleError::ZeroLength { start: 3 }),
        (
            "5 2 6 1",
            RleError::Unsorted {
                start: 6,
                previous_end: 6,
            },
        ),
        (
            "5 2 1 1",
            RleError::Unsorted {
                start: 1,
                previous_end: 6,
            },
        ),
        ("1 x", not_a_number("x")),
        ("-1 2", not_a_number("-1")),
        ("+1 2", not_a_number("+1")),
        ("1.0 2", not_a_number("1.0")),
        ("4294967296 1", not_a_number("4294967296")),
        (
            "5 3",
            RleError::PastEnd {
                start: 5,
                length: 3,
                pixels: 6,
            },
        ),
        (
            "7 1",
            RleError::PastEnd {
                start: 7,
                length: 1,
                pixels: 6,
            },
        ),
        (
            "4294967295 4294967295",
            RleError::PastEnd {
                start: u32::MAX,
                length: u32::MAX,
                pixels: 6,
            },
        ),
    ] {
        assert_eq!(decode(text, [2, 3]), Err(expected), "{text}");
    }
}

#[test]
fn touching_runs_and_the_last_pixel_are_fine() {
    assert!(decode("1 2 3 4", [2, 3]).unwrap().iter().all(|&set| set));
    assert!(decode("6 1", [2, 3]).unwrap()[[1, 2]]);
}
