//! Several models with one answer.

use ndarray::Array2;
use nerveseg_model::artifact::encode;
use nerveseg_model::weights::NamedTensors;
use nerveseg_model::{Manifest, Postprocess, Segmentation, Segmenter};

use crate::util::{DEVICE, lively_tensors, manifest, picture, toy};

/// A model whose output leans by `bias`, with its own temperature and threshold.
fn member(bias: f32, temperature: f32, threshold: f32) -> Segmenter {
    let config = toy();
    let mut tensors: NamedTensors = lively_tensors(&config);
    for name in ["head.bias", "presence.bias"] {
        for value in tensors.get_mut(name).unwrap().values_mut() {
            *value += bias;
        }
    }
    let manifest = Manifest {
        postprocess: Postprocess {
            temperature,
            threshold,
            ..Postprocess::default()
        },
        ..manifest(&config)
    };
    Segmenter::from_bytes(&encode(&tensors, &manifest), "member", DEVICE).unwrap()
}

fn answer(segmenter: &Segmenter) -> Segmentation {
    segmenter.segment(&picture(70, 50)).unwrap()
}

#[test]
fn probabilities_and_presence_are_means_and_thresholds_those_of_the_first() {
    let [a, b, c] = [
        member(0.0, 1.0, 0.45),
        member(1.5, 2.0, 0.9),
        member(-1.0, 0.5, 0.1),
    ];
    let alone = [&a, &b, &c].map(answer);
    let mean = alone.iter().fold(Array2::zeros((50, 70)), |sum, it| {
        sum + &it.probabilities / 3.0
    });
    let mut sorted: Vec<f32> = mean.iter().copied().collect();
    sorted.sort_by(f32::total_cmp);
    // between two values, so that rounding moves no pixel
    let middle = sorted.len() / 2;
    let threshold = f32::midpoint(sorted[middle - 1], sorted[middle]);
    let own = Postprocess {
        threshold,
        ..a.manifest().postprocess.clone()
    };

    let first = a.with_postprocess(own).unwrap();
    let together = answer(&first.with_others(vec![b, c]));

    let presence = alone.iter().map(|it| it.presence).sum::<f32>() / 3.0;
    assert!((together.presence - presence).abs() < 1e-6);
    let furthest = (&together.probabilities - &mean).mapv(f32::abs);
    assert!(furthest.iter().all(|&away| away < 1e-6));
    assert_eq!(
        together.mask,
        together.probabilities.mapv(|p| p >= threshold)
    );
    assert!(
        (1700..=1800).contains(&together.area_px),
        "{}",
        together.area_px
    );
}

#[test]
fn a_model_in_its_own_company_says_what_it_says_alone() {
    let a = member(0.0, 1.0, 0.45);
    let alone = answer(&a);

    let twice = answer(&a.clone().with_others(vec![a]));

    assert_eq!((alone.mask, alone.presence), (twice.mask, twice.presence));
    assert_eq!(alone.probabilities, twice.probabilities);
}
