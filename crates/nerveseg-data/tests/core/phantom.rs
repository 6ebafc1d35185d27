//! What a phantom set promises as a whole.

use std::sync::atomic::{AtomicUsize, Ordering};

use nerveseg_data::phantom::{Phantom, PhantomConfig};
use nerveseg_data::stats::{DatasetStats, FrameStats};
use nerveseg_data::{Case, CaseId, DataError, Dataset, Mask, rle};
use rayon::prelude::*;

/// Odd sides, so that swapped axes fail.
fn small(subjects: u32, frames_per_subject: u32) -> PhantomConfig {
    PhantomConfig {
        subjects,
        frames_per_subject,
        width: 97,
        height: 71,
        ..PhantomConfig::default()
    }
}

fn phantom(config: PhantomConfig) -> Phantom {
    Phantom::new(config).unwrap()
}

fn all(phantom: &Phantom) -> Vec<Case> {
    let case_ids: Vec<CaseId> = phantom.case_ids().collect();
    case_ids
        .into_par_iter()
        .map(|id| phantom.case(id.subject_id.unwrap(), id.image_num))
        .collect()
}

fn mask(case: &Case) -> &Mask {
    case.mask.as_ref().unwrap()
}

fn is_positive(case: &Case) -> bool {
    mask(case).iter().any(|&set| set)
}

fn correlation(a: &Case, b: &Case) -> f64 {
    let values = |case: &Case| -> Vec<f64> {
        let mean = FrameStats::of(case).mean;
        case.frame
            .pixels
            .as_raw()
            .iter()
            .map(|&v| f64::from(v) - mean)
            .collect()
    };
    let dot = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f64>();
    let (a, b) = (values(a), values(b));
    dot(&a, &b) / (dot(&a, &a) * dot(&b, &b)).sqrt()
}

#[test]
fn pixels_depend_neither_on_order_nor_on_threads() {
    let phantom = phantom(small(3, 4));
    let parallel = all(&phantom);

    for case in parallel.iter().rev() {
        let alone = phantom.case(case.case_id.subject_id.unwrap(), case.case_id.image_num);

        assert_eq!(alone.frame, case.frame, "{}", case.case_id);
        assert_eq!(alone.mask, case.mask, "{}", case.case_id);
    }
}

#[test]
fn another_seed_gives_another_picture() {
    let first = phantom(small(1, 1)).case(1, 1);
    let second = phantom(PhantomConfig {
        seed: 1,
        ..small(1, 1)
    })
    .case(1, 1);

    assert!(correlation(&first, &second) < 0.6);
}

/// Bands are those of UNS widened by what 200 small frames leave to chance.
#[test]
fn statistics_lie_near_those_of_uns() {
    let phantom = phantom(PhantomConfig {
        width: 129,
        height: 95,
        ..small(40, 5)
    });
    let frames: Vec<_> = all(&phantom).par_iter().map(FrameStats::of).collect();
    let stats = DatasetStats::from_frames(&frames);
    let nerves = stats.nerves.unwrap();
    let brightness = stats.brightness.unwrap();
    let bands = stats.depth_bands.unwrap();

    for (what, value, band) in [
        (
            "positive frames",
            stats.positive_frames as f64 / 200.0,
            0.40..=0.42,
        ),
        ("smallest area", nerves.area_px.min, 2300.0..=5000.0),
        ("median area", nerves.area_px.median, 6000.0..=8000.0),
        ("largest area", nerves.area_px.max, 9500.0..=18000.0),
        ("centroid x", nerves.centroid[0].mean, 315.0..=350.0),
        ("centroid y", nerves.centroid[1].mean, 130.0..=160.0),
        ("spread of x", nerves.centroid[0].sd, 30.0..=50.0),
        ("spread of y", nerves.centroid[1].sd, 22.0..=42.0),
        ("axis ratio", nerves.axis_ratio, 0.45..=0.60),
        ("angle", nerves.angle_deg, -78.0..=-58.0),
        ("solidity", nerves.solidity, 0.93..=1.0),
        ("brightness", brightness.mean, 80.0..=108.0),
        ("spread of brightness", brightness.sd, 3.0..=16.0),
        (
            "spread within a frame",
            stats.sd_within_frame.unwrap(),
            45.0..=68.0,
        ),
        ("top", bands[0], 110.0..=150.0),
        ("bottom", bands[5], 50.0..=85.0),
        ("contrast", nerves.inside - nerves.around, 4.0..=26.0),
    ] {
        assert!(band.contains(&value), "{what}: {value} is not in {band:?}");
    }
}

#[test]
fn masks_are_one_part_and_inside_the_frame() {
    for case in all(&phantom(PhantomConfig {
        label_noise: 1.0,
        ..small(10, 4)
    })) {
        let mask = mask(&case);
        let (height, width) = mask.dim();
        let on_border = mask
            .indexed_iter()
            .any(|((y, x), &set)| set && (y == 0 || x == 0 || y == height - 1 || x == width - 1));

        let parts = FrameStats::of(&case)
            .nerve
            .map_or(1, |nerve| nerve.shape.components);

        assert!(!on_border, "{}", case.case_id);
        assert_eq!(parts, 1, "{}", case.case_id);
    }
}

#[test]
fn few_subjects_show_both_kinds_of_frames() {
    let positive = all(&phantom(small(4, 3)))
        .iter()
        .filter(|case| is_positive(case))
        .count();

    assert_eq!(positive, 5); // 0.41 of 12
}

#[test]
fn neighbours_look_alike_and_distant_frames_do_not() {
    let phantom = phantom(small(2, 40));
    let mean = |distance: u32| {
        let pairs: Vec<f64> = (1..=2)
            .flat_map(|subject| (1..=40 - distance).step_by(4).map(move |i| (subject, i)))
            .map(|(s, i)| correlation(&phantom.case(s, i), &phantom.case(s, i + distance)))
            .collect();
        pairs.iter().sum::<f64>() / pairs.len() as f64
    };

    let (near, far) = (mean(1), mean(30));

    assert!(near > 0.8, "{near}");
    assert!(far < near - 0.2, "{far}");
}

#[test]
fn label_noise_moves_masks_and_leaves_images_alone() {
    let exact = all(&phantom(small(3, 30)));
    let noisy = all(&phantom(PhantomConfig {
        label_noise: 1.0,
        ..small(3, 30)
    }));
    let count = |cases: &[Case]| cases.iter().filter(|case| is_positive(case)).count();
    let flipped = exact
        .iter()
        .zip(&noisy)
        .filter(|(a, b)| is_positive(a) != is_positive(b));

    assert!(exact.iter().zip(&noisy).all(|(a, b)| a.frame == b.frame));
    assert_eq!(count(&exact), count(&noisy));
    assert!(flipped.count() >= 4);
}

#[test]
fn written_set_is_the_generated_set() {
    let folder = tempfile::tempdir().unwrap();
    let phantom = phantom(PhantomConfig {
        test_frames: 3,
        ..small(2, 3)
    });
    let most = AtomicUsize::new(0);

    phantom
        .write(folder.path(), &|done| {
            most.fetch_max(done, Ordering::Relaxed);
        })
        .unwrap();

    let dataset = Dataset::open(folder.path()).unwrap();
    let table = std::fs::read_to_string(folder.path().join("train_masks.csv")).unwrap();
    let mut lines = table.lines();
    assert_eq!(lines.next(), Some("subject,img,pixels"));
    let generated = all(&phantom);
    assert_eq!(dataset.cases().len(), generated.len());
    for (entry, case) in dataset.cases().iter().zip(&generated) {
        let read = entry.load().unwrap();
        assert_eq!(read.case_id, case.case_id);
        assert_eq!(read.frame, case.frame);
        assert_eq!(read.mask, case.mask);
        let CaseId {
            subject_id,
            image_num,
        } = case.case_id;
        let runs = rle::encode(mask(case).view());
        let row = format!("{},{image_num},{runs}", subject_id.unwrap());
        assert_eq!(lines.next(), Some(row.as_str()));
    }
    assert_eq!(dataset.test_frames().len(), 3);
    for entry in dataset.test_frames() {
        let case = phantom.test_case(entry.case_id.image_num);
        assert_eq!(entry.load().unwrap().frame, case.frame);
    }
    assert_eq!(most.into_inner(), phantom.frame_count());
}

#[test]
fn test_frames_show_other_subjects() {
    let phantom = phantom(PhantomConfig {
        test_frames: 1,
        ..small(2, 2)
    });
    let test = phantom.test_case(1);

    assert!(
        all(&phantom)
            .iter()
            .all(|case| correlation(case, &test) < 0.6)
    );
    assert_eq!(phantom.test_mask(1).dim(), (71, 97));
}

#[test]
fn folder_with_files_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("1_1.tif"), b"precious").unwrap();

    let result = phantom(small(1, 1)).write(folder.path(), &|_| {});

    assert!(
        matches!(result, Err(DataError::FolderNotEmpty { .. })),
        "{result:?}"
    );
}

#[test]
fn of_two_sets_written_at_once_into_one_folder_one_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let start = std::sync::Barrier::new(2);
    let write = || {
        let phantom = phantom(small(1, 2));
        start.wait();
        phantom.write(folder.path(), &|_| {})
    };

    let results = std::thread::scope(|scope| {
        let both = [scope.spawn(write), scope.spawn(write)];
        both.map(|thread| thread.join().unwrap())
    });

    let refused =
        |result: &Result<(), DataError>| matches!(result, Err(DataError::FolderNotEmpty { .. }));
    assert!(
        matches!(&results, [Ok(()), other] | [other, Ok(())] if refused(other)),
        "{results:?}"
    );
}

#[test]
fn settings_out_of_range_are_refused() {
    for config in [
        PhantomConfig {
            width: 31,
            ..small(1, 1)
        },
        PhantomConfig {
            height: 8193,
            ..small(1, 1)
        },
        PhantomConfig {
            positive_fraction: f64::NAN,
            ..small(1, 1)
        },
        PhantomConfig {
            label_noise: 1.5,
            ..small(1, 1)
        },
    ] {
        let result = Phantom::new(config);

        assert!(
            matches!(result, Err(DataError::PhantomSetting { .. })),
            "{result:?}"
        );
    }
}
