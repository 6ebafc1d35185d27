//! Rules that hold for every input.

use ndarray::Array2;
use nerveseg_model::{
    Fit, Normalisation, Postprocess, Preprocess, PresenceEvidence, RawPrediction, Segmenter,
    artifact,
};
use proptest::prelude::*;

use crate::util::{DEVICE, bytes, header_len, lively_tensors, picture, toy};

/// Smooth masks: discs that may touch the border.
fn disc() -> impl Strategy<Value = Array2<bool>> {
    (
        20..70_usize,
        20..70_usize,
        0.2..0.8_f64,
        0.2..0.8_f64,
        4.0..12.0_f64,
    )
        .prop_map(|(height, width, row, column, radius)| {
            let centre = [row * height as f64, column * width as f64];
            Array2::from_shape_fn((height, width), |(r, c)| {
                (r as f64 - centre[0]).hypot(c as f64 - centre[1]) <= radius
            })
        })
}

fn map() -> impl Strategy<Value = Array2<f32>> {
    (1..12_usize, 1..12_usize).prop_flat_map(|(height, width)| {
        prop::collection::vec(0.0..=1.0_f32, height * width)
            .prop_map(move |values| Array2::from_shape_vec((height, width), values).unwrap())
    })
}

fn postprocess() -> impl Strategy<Value = Postprocess> {
    (0.05..=1.0_f32, 0.0..0.3_f64, any::<bool>()).prop_map(|(threshold, area, largest)| {
        Postprocess {
            threshold,
            min_area_fraction: area,
            keep_largest_component: largest,
            ..Postprocess::default()
        }
    })
}

/// The mask that is cut out of a map at its own size.
fn mask(postprocess: &Postprocess, probabilities: Array2<f32>) -> Array2<bool> {
    let evidence = PresenceEvidence::new(probabilities.view(), Some(1.0));
    let size = probabilities.dim().into();
    let raw = RawPrediction {
        probabilities,
        evidence,
    };
    postprocess.apply(&raw, size).mask
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn a_mutated_artifact_never_panics_and_never_changes_a_tensor_unseen(
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6),
        cut in prop::option::weighted(0.1, any::<prop::sample::Index>()),
    ) {
        let mut bytes = bytes(&toy());
        for (index, value) in changes {
            *index.get_mut(&mut bytes) = value;
        }
        if let Some(cut) = cut {
            bytes.truncate(cut.index(bytes.len()));
        }
        if let Ok((tensors, _)) = artifact::decode(&bytes, "mutated") {
            prop_assert_eq!(tensors, lively_tensors(&toy()));
        }
        if let Ok(segmenter) = Segmenter::from_bytes(&bytes, "mutated", DEVICE) {
            prop_assert!(segmenter.segment(&picture(9, 7)).is_ok());
        }
    }

    /// Another digit in the header gets past the parser far more often.
    #[test]
    fn a_mutated_manifest_never_panics(
        position in any::<prop::sample::Index>(),
        digit in b'0'..=b'9',
    ) {
        let mut bytes = bytes(&toy());
        let digits: Vec<usize> =
            (8..header_len(&bytes)).filter(|&i| bytes[i].is_ascii_digit()).collect();
        bytes[digits[position.index(digits.len())]] = digit;
        if let Ok(segmenter) = Segmenter::from_bytes(&bytes, "mutated", DEVICE) {
            prop_assert!(segmenter.segment(&picture(9, 7)).is_ok());
        }
    }

    #[test]
    fn a_mask_comes_back_from_the_networks_size(mask in disc()) {
        let (height, width) = mask.dim();
        let preprocess = Preprocess {
            height: 2 * height + 1,
            width: 2 * width + 3,
            fit: Fit::Stretch,
            normalisation: Normalisation::Unit,
        };

        let target = preprocess.target(mask.view());
        let restored = Preprocess::restore(target.view(), [height, width]).mapv(|p| p >= 0.5);

        // enlarged and back: only pixels on the contour may change sides, and few of them
        let wrong = mask.iter().zip(&restored).filter(|(a, b)| a != b).count();
        let inside = mask.iter().filter(|&&m| m).count();
        prop_assert!(wrong * 50 <= inside, "{wrong} of {inside} pixels moved");
    }

    #[test]
    fn restored_maps_stay_within_their_range(map in map(), height in 1..40_usize, width in 1..40_usize) {
        let (low, high) = map.iter().fold((1.0_f32, 0.0_f32), |(l, h), &v| (l.min(v), h.max(v)));

        let restored = Preprocess::restore(map.view(), [height, width]);

        prop_assert_eq!(restored.dim(), (height, width));
        // 1e-6: the filter's weights sum to 1 within rounding
        prop_assert!(restored.iter().all(|&v| (low - 1e-6..=high + 1e-6).contains(&v)));
    }

    #[test]
    fn post_processing_a_mask_again_changes_nothing(map in map(), postprocess in postprocess()) {
        let once = mask(&postprocess, map);
        let twice = mask(&postprocess, once.mapv(f32::from));

        prop_assert_eq!(once, twice);
    }

    #[test]
    fn post_processing_only_removes(map in map(), postprocess in postprocess()) {
        let mask = mask(&postprocess, map.clone());

        for (&inside, &p) in mask.iter().zip(&map) {
            prop_assert!(!inside || p >= postprocess.threshold);
        }
    }
}
