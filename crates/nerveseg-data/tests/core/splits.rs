use std::collections::BTreeSet;

use nerveseg_data::{
    CaseId, DataError, Dataset, FrameSplit, HoldoutSize, PartSize, Split, SplitKind, Splits,
    SubjectStats, k_fold,
};
use proptest::prelude::*;

use crate::util::Folder;

/// Like UNS: 47 persons, 119 or 120 frames, positive fractions from 0.02 to 0.89.
fn uns_like() -> Vec<SubjectStats> {
    (1..=47)
        .map(|subject_id| SubjectStats {
            subject_id,
            cases: 119 + subject_id as usize % 2,
            positives: 2 + (subject_id as usize * 37) % 105,
        })
        .collect()
}

fn mean_fraction(subjects: &[SubjectStats], part: &[u32]) -> f64 {
    let fractions: Vec<f64> = subjects
        .iter()
        .filter(|s| part.contains(&s.subject_id))
        .map(SubjectStats::positive_fraction)
        .collect();
    fractions.iter().sum::<f64>() / fractions.len() as f64
}

fn subjects_of(split: &Split) -> Vec<u32> {
    let mut all = [split.train(), split.validation(), split.test()].concat();
    all.sort_unstable();
    all
}

#[test]
fn folds_test_and_watch_every_subject_once() {
    let subjects = uns_like();
    let folds = k_fold(&subjects, 5, 7).unwrap();

    let all: Vec<u32> = (1..=47).collect();
    for part in [Split::test, Split::validation] {
        let mut union: Vec<u32> = folds.iter().flat_map(|fold| part(fold).to_vec()).collect();
        union.sort_unstable();
        assert_eq!(union, all);
    }
    for fold in &folds {
        assert_eq!(subjects_of(fold), all);
        assert!((9..=10).contains(&fold.test().len()));
    }
}

#[test]
fn parts_have_the_same_mix() {
    let subjects = uns_like();
    let overall = mean_fraction(&subjects, &(1..=47).collect::<Vec<_>>());
    for seed in 0..20 {
        for fold in k_fold(&subjects, 5, seed).unwrap() {
            // neighbours in rank differ by about 1/9 of the range 0.9, so a group mean cannot
            // stray by more than that
            let difference = (mean_fraction(&subjects, fold.test()) - overall).abs();
            assert!(difference < 0.1, "seed {seed}: {difference}");
        }
        let split = Split::holdout(&subjects, HoldoutSize::default(), seed).unwrap();
        for part in [split.train(), split.validation(), split.test()] {
            let difference = (mean_fraction(&subjects, part) - overall).abs();
            assert!(difference < 0.13, "seed {seed}: {difference}");
        }
    }
}

#[test]
fn equal_fractions_are_stratified_by_number_of_cases() {
    // a set of positives only: six persons with few frames, six with many
    let subjects: Vec<SubjectStats> = (0..12)
        .map(|i| {
            let cases = if i < 6 { 3 + i } else { 80 + i };
            SubjectStats {
                subject_id: i as u32,
                cases,
                positives: cases,
            }
        })
        .collect();

    for seed in 0..20 {
        for fold in k_fold(&subjects, 6, seed).unwrap() {
            let few = fold.test().iter().filter(|&&id| id < 6).count();
            assert_eq!((few, fold.test().len()), (1, 2), "seed {seed}");
        }
    }
}

#[test]
fn seed_decides_and_input_order_does_not() {
    let subjects = uns_like();
    let reversed: Vec<_> = subjects.iter().rev().copied().collect();

    assert_eq!(
        k_fold(&subjects, 5, 1).unwrap(),
        k_fold(&reversed, 5, 1).unwrap()
    );
    assert_ne!(
        k_fold(&subjects, 5, 1).unwrap(),
        k_fold(&subjects, 5, 2).unwrap()
    );
    let holdout = |subjects: &[_], seed| Split::holdout(subjects, HoldoutSize::default(), seed);
    assert_eq!(
        holdout(&subjects, 1).unwrap(),
        holdout(&reversed, 1).unwrap()
    );
    assert_ne!(
        holdout(&subjects, 1).unwrap(),
        holdout(&subjects, 2).unwrap()
    );
}

/// Pins the generator: a change here changes every split made from a seed.
#[test]
fn seed_42_gives_this_split() {
    let split = Split::holdout(&uns_like(), HoldoutSize::default(), 42).unwrap();

    assert_eq!(split.validation(), [6, 10, 14, 21, 29, 30, 42]);
    assert_eq!(split.test(), [9, 13, 22, 23, 28, 38, 41]);
}

#[test]
fn sizes_can_be_counts_or_fractions() {
    let size = HoldoutSize {
        validation: PartSize::Subjects(3),
        test: PartSize::Fraction(0.2),
    };
    let split = Split::holdout(&uns_like(), size, 0).unwrap();
    assert_eq!(
        [
            split.train().len(),
            split.validation().len(),
            split.test().len()
        ],
        [35, 3, 9]
    );

    let none = HoldoutSize {
        validation: PartSize::Fraction(0.01),
        test: PartSize::Fraction(0.0),
    };
    let split = Split::holdout(&uns_like(), none, 0).unwrap();
    assert_eq!(
        [
            split.train().len(),
            split.validation().len(),
            split.test().len()
        ],
        [46, 1, 0]
    );
}

#[test]
fn impossible_requests_are_errors() {
    let subjects = &uns_like()[..4];
    let size = |validation, test| HoldoutSize { validation, test };
    let two = PartSize::Subjects(2);

    let result = Split::holdout(subjects, size(two, two), 0);
    assert!(matches!(
        result,
        Err(DataError::TooFewToSplit {
            found: 4,
            needed: 5,
            ..
        })
    ));
    for fraction in [1.0, -0.1, f64::NAN] {
        let result = Split::holdout(subjects, size(two, PartSize::Fraction(fraction)), 0);
        assert!(
            matches!(result, Err(DataError::BadFraction { .. })),
            "{fraction}"
        );
    }
    assert!(matches!(
        k_fold(subjects, 2, 0),
        Err(DataError::BadFoldCount { k: 2 })
    ));
    assert!(matches!(
        k_fold(subjects, 5, 0),
        Err(DataError::TooFewToSplit { .. })
    ));
}

#[test]
fn file_round_trip() {
    let folder = Folder::new();
    let path = folder.file("splits.json");
    let splits = Splits {
        kind: SplitKind::KFold,
        seed: u64::MAX,
        fingerprint: Some("abc".to_owned()),
        folds: k_fold(&uns_like(), 4, 9).unwrap(),
    };

    splits.save(&path).unwrap();

    assert_eq!(Splits::load(&path).unwrap(), splits);
    let text = std::fs::read_to_string(&path).unwrap();
    for word in [
        "\"format_version\": 1",
        "\"kind\": \"k_fold\"",
        "\"validation\"",
    ] {
        assert!(text.contains(word), "{word} is not in {text}");
    }
}

#[test]
fn split_inside_another_file_is_checked_too() {
    let split = Split::new(vec![2, 1], vec![3], vec![]).unwrap();

    let text = serde_json::to_string(&split).unwrap();

    assert_eq!(text, r#"{"train":[1,2],"validation":[3],"test":[]}"#);
    assert_eq!(serde_json::from_str::<Split>(&text).unwrap(), split);
    let overlap = serde_json::from_str::<Split>(&text.replace('3', "2")).unwrap_err();
    assert!(overlap.to_string().contains("subject 2"), "{overlap}");
}

fn load(text: &str) -> Result<Splits, DataError> {
    let folder = Folder::new();
    Splits::load(folder.write("splits.json", text))
}

fn file(version: u32, train: &str, validation: &str, test: &str) -> String {
    format!(
        r#"{{"format_version": {version}, "kind": "manual", "seed": 0, "folds": [
            {{"train": [9], "validation": [8], "test": []}},
            {{"train": {train}, "validation": {validation}, "test": {test}}}]}}"#
    )
}

#[test]
fn overlap_in_a_file_names_fold_subject_and_parts() {
    let error = load(&file(1, "[1, 2]", "[3]", "[4, 2]")).unwrap_err();

    let DataError::BadFold {
        fold: 1, source, ..
    } = &error
    else {
        panic!("expected fold 1, got {error:?}");
    };
    assert_eq!(
        source.to_string(),
        "subject 2 is in `train` and again in `test`; parts must not overlap"
    );
    let twice = load(&file(1, "[1, 1]", "[3]", "[]")).unwrap_err();
    assert!(matches!(twice, DataError::BadFold { .. }), "{twice:?}");
}

#[test]
fn other_versions_and_damaged_files_are_refused() {
    assert!(load(&file(1, "[1]", "[2]", "[3]")).is_ok());
    let newer = load(r#"{"format_version": 2, "parts": {}}"#);
    assert!(matches!(
        newer,
        Err(DataError::SplitVersion {
            found: 2,
            expected: 1,
            ..
        })
    ));
    for text in [
        "",
        "{}",
        "[]",
        &file(1, "[1]", "[-2]", "[]"),
        r#"{"format_version": 1}"#,
    ] {
        let result = load(text);
        assert!(
            matches!(result, Err(DataError::ParseSplits { .. })),
            "{text}: {result:?}"
        );
    }
    let typo = file(1, "[1]", "[2]", "[3]").replace("\"seed\"", "\"sead\"");
    assert!(matches!(load(&typo), Err(DataError::ParseSplits { .. })));
    assert!(matches!(
        Splits::load("no/splits.json"),
        Err(DataError::ReadFile { .. })
    ));
}

#[test]
fn split_must_cover_the_dataset() {
    let folder = Folder::with_cases(&["1_1", "2_1", "3_1"]);
    let dataset = Dataset::open(folder.path()).unwrap();
    let check = |train: &[u32], validation: &[u32]| {
        Split::new(train.to_vec(), validation.to_vec(), vec![])
            .unwrap()
            .check_covers(&dataset)
    };

    assert!(check(&[1, 2], &[3]).is_ok());
    let missing = check(&[1], &[3]);
    assert!(
        matches!(missing, Err(DataError::SubjectNotSplit { subject_id: 2 })),
        "{missing:?}"
    );
    let unknown = check(&[1, 2], &[3, 4]);
    assert!(
        matches!(
            unknown,
            Err(DataError::SubjectNotInDataset {
                subject_id: 4,
                part: "validation"
            })
        ),
        "{unknown:?}"
    );
}

#[test]
fn resolved_split_keeps_frames_of_a_subject_together() {
    let folder = Folder::with_cases(&["1_1", "1_2", "2_1", "3_1", "3_2", "4_1"]);
    let dataset = Dataset::open(folder.path()).unwrap();
    let split = Split::new(vec![3, 1], vec![2], vec![4]).unwrap();

    let partition = split.resolve(&dataset);

    let text = |ids: &[CaseId]| {
        ids.iter()
            .map(ToString::to_string)
            .collect::<Vec<_>>()
            .join(" ")
    };
    assert_eq!(text(&partition.train), "1_1 1_2 3_1 3_2");
    assert_eq!(text(&partition.validation), "2_1");
    assert_eq!(text(&partition.test), "4_1");
    assert!(partition.overlapping_subjects().is_empty());
}

#[test]
fn frame_split_has_the_sizes_of_the_seed_and_leaks() {
    let case_ids: Vec<CaseId> = (0..5635)
        .map(|i| CaseId {
            subject_id: Some(1 + i % 47),
            image_num: 1 + i / 47,
        })
        .collect();
    let reversed: Vec<_> = case_ids.iter().rev().copied().collect();

    let split = FrameSplit::random(&case_ids, FrameSplit::SEED_FRACTION, 3).unwrap();

    assert_eq!((split.train.len(), split.validation.len()), (5071, 564));
    assert_eq!(
        split,
        FrameSplit::random(&reversed, FrameSplit::SEED_FRACTION, 3).unwrap()
    );
    assert!(split.warning().contains("leak"));
}

#[test]
fn overlap_of_a_frame_split_is_seen() {
    let names: Vec<String> = (1..=20).map(|n| format!("{}_{n}", 1 + n % 2)).collect();
    let folder = Folder::with_cases(&names.iter().map(String::as_str).collect::<Vec<_>>());
    let dataset = Dataset::open(folder.path()).unwrap();
    let case_ids: Vec<_> = dataset.cases().iter().map(|entry| entry.case_id).collect();

    let partition = FrameSplit::random(&case_ids, 0.5, 0)
        .unwrap()
        .resolve(&dataset);

    assert_eq!(partition.overlapping_subjects(), [1, 2]);
    let union: BTreeSet<_> = partition
        .train
        .iter()
        .chain(&partition.validation)
        .collect();
    assert_eq!(union.len(), 20);
}

proptest! {
    #[test]
    fn any_request_gives_disjoint_complete_parts_or_an_error(
        counts in prop::collection::vec((0..130_usize, 0..130_usize), 0..40),
        k in 0..9_usize,
        validation in 0..12_usize,
        test in 0.0..1.0_f64,
        seed in any::<u64>(),
    ) {
        let subjects: Vec<SubjectStats> = counts
            .iter()
            .enumerate()
            .map(|(i, &(cases, positives))| SubjectStats {
                subject_id: i as u32,
                cases,
                positives: positives.min(cases),
            })
            .collect();
        let all: Vec<u32> = (0..subjects.len() as u32).collect();
        let size = HoldoutSize {
            validation: PartSize::Subjects(validation),
            test: PartSize::Fraction(test),
        };

        let mut splits = k_fold(&subjects, k, seed).unwrap_or_default();
        splits.extend(Split::holdout(&subjects, size, seed));

        for split in splits {
            prop_assert_eq!(subjects_of(&split), all.clone());
            prop_assert!(!split.train().is_empty());
        }
    }
}
