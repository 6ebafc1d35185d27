//! Agreement with scikit-learn, scipy and MONAI on masks made from formulas.
//!
//! The constants are the output of
//!
//! ```text
//! python scripts/reference/metrics.py
//! ```
//!
//! whose header names the versions. It also checks MONAI (single precision) against scipy to 1e-6.

use ndarray::Array2;
use nerveseg_metrics::{
    CalibrationHistogram, CaseResult, CaseScores, Evaluation, EvaluationOptions, roc_auc,
    score_case,
};

/// Both sides work in double precision; only the order of summation differs.
const TOLERANCE: f64 = 1e-12;

/// mm per pixel, `[row, column]`.
const SPACING: [f64; 2] = [0.11, 0.07];

fn ellipse(size: (usize, usize), center: [f64; 2], axes: [f64; 2]) -> Array2<bool> {
    Array2::from_shape_fn(size, |(row, col)| {
        ((row as f64 - center[0]) / axes[0]).powi(2) + ((col as f64 - center[1]) / axes[1]).powi(2)
            <= 1.0
    })
}

fn assert_close(found: impl Into<Option<f64>>, expected: f64, what: &str) {
    let found = found.into().expect(what);
    let error = (found - expected).abs();
    assert!(
        error <= TOLERANCE * expected.abs().max(1.0),
        "{what}: {found} is not {expected}"
    );
}

/// What the script prints about one pair of masks.
struct Golden {
    /// dice, iou, sensitivity, specificity, precision, pixel accuracy.
    overlap: [f64; 6],
    /// HD95 and ASSD.
    px: [f64; 2],
    mm: [f64; 2],
}

fn check(prediction: &Array2<bool>, ground_truth: &Array2<bool>, golden: &Golden) {
    let score = |spacing| score_case(prediction.view(), ground_truth.view(), spacing);
    let px = score(None);
    let overlap = [
        Some(px.dice),
        Some(px.iou),
        px.sensitivity,
        px.specificity,
        px.precision,
        Some(px.pixel_accuracy),
    ];
    for (found, expected) in overlap.into_iter().zip(golden.overlap) {
        assert_close(found, expected, "overlap");
    }
    let surface = |scores: CaseScores| [scores.hausdorff95, scores.assd];
    for (found, expected) in surface(px).into_iter().zip(golden.px) {
        assert_close(found, expected, "surface distance in px");
    }
    for (found, expected) in surface(score(Some(SPACING))).into_iter().zip(golden.mm) {
        assert_close(found, expected, "surface distance in mm");
    }
}

#[test]
fn shifted_ellipse_scores_as_in_the_reference() {
    check(
        &ellipse((17, 23), [8.0, 10.0], [4.0, 7.0]),
        &ellipse((17, 23), [7.0, 13.0], [5.0, 6.0]),
        &Golden {
            overlap: [
                0.662_921_348_314_606_7,
                0.495_798_319_327_731_1,
                0.648_351_648_351_648_4,
                0.906_666_666_666_666_6,
                0.678_160_919_540_229_8,
                0.846_547_314_578_005_1,
            ],
            px: [3.838_450_733_033_140_8, 1.636_783_288_179_422_4],
            mm: [0.289_374_480_608_421_9, 0.140_451_640_266_909_84],
        },
    );
}

#[test]
fn masks_cut_by_the_border_score_as_in_the_reference() {
    check(
        &ellipse((17, 23), [1.0, 2.0], [6.0, 5.0]),
        &ellipse((17, 23), [15.0, 20.0], [5.0, 9.0]),
        &Golden {
            overlap: [
                0.0,
                0.0,
                0.0,
                0.853_211_009_174_311_9,
                0.0,
                0.713_554_987_212_276_2,
            ],
            px: [19.343_997_544_620_43, 14.599_569_198_690_972],
            mm: [1.614_182_549_335_546_8, 1.269_112_439_048_967],
        },
    );
}

#[test]
fn scattered_prediction_scores_as_in_the_reference() {
    let lattice = Array2::from_shape_fn((17, 23), |(row, col)| {
        (row * 7 + col * 3 + row * col).is_multiple_of(10)
    });
    check(
        &lattice,
        &ellipse((17, 23), [8.0, 11.0], [3.0, 4.0]),
        &Golden {
            overlap: [
                0.113_207_547_169_811_32,
                0.06,
                0.085_714_285_714_285_72,
                0.957_865_168_539_325_8,
                0.166_666_666_666_666_66,
                0.879_795_396_419_437_4,
            ],
            px: [10.630_145_812_734_65, 3.598_387_819_594_365],
            mm: [0.912_414_379_544_733, 0.306_140_266_306_707_6],
        },
    );
}

#[test]
fn full_size_frame_scores_as_in_the_reference() {
    check(
        &ellipse((420, 580), [150.0, 345.0], [30.0, 70.0]),
        &ellipse((420, 580), [145.0, 334.0], [34.0, 65.3]),
        &Golden {
            overlap: [
                0.852_906_462_083_210_4,
                0.743_536_977_491_961_5,
                0.829_292_784_392_483_1,
                0.996_602_276_136_906_3,
                0.877_904_328_018_223_2,
                0.991_814_449_917_898_2,
            ],
            px: [14.964_723_459_035_001, 5.946_384_516_593_591],
            mm: [1.101_986_695_988_792_5, 0.559_391_389_845_239_2],
        },
    );
}

#[test]
fn tied_presence_scores_rank_as_in_scikit_learn() {
    let present: Vec<bool> = (0..47).map(|frame| frame * 13 % 5 < 2).collect();
    let presence: Vec<f64> = (0..47)
        .zip(&present)
        .map(|(frame, &present)| f64::from(frame * 29 % 17 + 4 * i32::from(present)) / 20.0)
        .collect();

    let auc = roc_auc(&presence, &present);

    assert_close(auc, 0.604_323_308_270_676_7, "AUC");
}

#[test]
fn calibration_error_is_that_of_numpy() {
    let probabilities = Array2::from_shape_fn((17, 23), |(row, col)| {
        ((row * 23 + col) * 37 % 391) as f32 / 391.0
    });
    let truth = Array2::from_shape_fn((17, 23), |(row, col)| row * 2 > col);

    let found = CalibrationHistogram::of_pixels(probabilities.view(), truth.view());

    assert_close(
        found.calibration().unwrap().ece,
        0.256_892_615_265_291_56,
        "ECE",
    );
}

#[test]
fn interval_is_that_of_a_cluster_bootstrap_in_numpy() {
    let truth = Array2::from_shape_fn((1, 120), |(_, col)| col < 100);
    let results: Vec<_> = (0..60_usize)
        .map(|case| {
            let found = 1 + case * 37 % 60 + 3 * (case % 12);
            let prediction = Array2::from_shape_fn((1, 120), |(_, col)| col < found);
            let subject_id = case as u32 % 12;
            let case_id = format!("{subject_id}_{case}");
            CaseResult::new(case_id, subject_id, prediction.view(), truth.view(), None)
        })
        .collect();
    let options = EvaluationOptions {
        resamples: 20_000,
        seed: 1,
    };

    let evaluation = Evaluation::from_results(&results, &options);

    assert_close(
        evaluation.scores.dice_mean,
        0.607_643_202_296_572_6,
        "mean Dice",
    );
    // Another generator: four standard errors of a tail quantile at 20 000 draws.
    let [low, high] = evaluation.ci95.dice_mean.unwrap();
    assert!((low - 0.529_702).abs() < 0.003, "{low}");
    assert!((high - 0.683_143).abs() < 0.003, "{high}");
}
