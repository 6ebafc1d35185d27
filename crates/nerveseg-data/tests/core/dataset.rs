use std::sync::atomic::{AtomicUsize, Ordering};

use nerveseg_data::{CaseId, DataError, Dataset, MaskSource, SubjectStats, rle};

use crate::util::{Folder, HEIGHT, WIDTH, empty_mask_image, mask_image, texture};

fn ids(dataset: &Dataset) -> Vec<String> {
    dataset
        .cases()
        .iter()
        .map(|entry| entry.case_id.to_string())
        .collect()
}

fn id(text: &str) -> CaseId {
    text.parse().unwrap()
}

#[test]
fn cases_come_in_natural_order() {
    let folder = Folder::with_cases(&["10_1", "2_10", "2_9", "1_100", "1_2"]);

    let dataset = Dataset::open(folder.path()).unwrap();

    assert_eq!(ids(&dataset), ["1_2", "1_100", "2_9", "2_10", "10_1"]);
    assert_eq!(dataset.subjects(), [1, 2, 10]);
    assert!(dataset.test_frames().is_empty());
}

#[test]
fn every_extension_counts_in_any_case() {
    let folder = Folder::new();
    for (number, extension) in ["tif", "TIF", "png", "PNG", "bmp", "Bmp"]
        .iter()
        .enumerate()
    {
        folder.image(&format!("1_{number}.{extension}"), &texture(WIDTH, HEIGHT));
        folder.image(
            &format!("1_{number}_mask.{extension}"),
            &mask_image(WIDTH, HEIGHT),
        );
    }
    // lossy, so an image only
    for (number, extension) in [(7, "jpg"), (8, "JPEG")] {
        folder.image(&format!("1_{number}.{extension}"), &texture(WIDTH, HEIGHT));
        folder.image(&format!("1_{number}_mask.png"), &mask_image(WIDTH, HEIGHT));
    }

    let dataset = Dataset::open(folder.path()).unwrap();

    assert_eq!(dataset.load_all(&|_| {}).unwrap().len(), 8);
}

#[test]
fn folder_with_train_and_test_is_read_as_one() {
    let folder = Folder::new();
    folder.image("train/1_1.tif", &texture(WIDTH, HEIGHT));
    folder.image("train/1_1_mask.tif", &mask_image(WIDTH, HEIGHT));
    folder.image("test/10.tif", &texture(WIDTH, HEIGHT));
    folder.image("test/9.tif", &texture(WIDTH, HEIGHT));

    let dataset = Dataset::open(folder.path()).unwrap();

    assert_eq!(ids(&dataset), ["1_1"]);
    let frames: Vec<_> = dataset
        .test_frames()
        .iter()
        .map(|e| e.case_id.image_num)
        .collect();
    assert_eq!(frames, [9, 10]);
    let frame = dataset.test_frames()[0].load().unwrap();
    assert!(frame.mask.is_none() && frame.frame.pixels.dimensions() == (WIDTH, HEIGHT));
}

#[test]
fn files_that_are_no_images_are_ignored() {
    let folder = Folder::with_cases(&["1_1"]);
    for name in [
        "Thumbs.db",
        "sample_submission.csv",
        "notes.json",
        ".hidden.png",
        "README",
    ] {
        folder.write(name, b"whatever");
    }
    std::fs::create_dir(folder.file("old.png")).unwrap();

    assert_eq!(Dataset::open(folder.path()).unwrap().cases().len(), 1);
}

#[test]
fn masks_come_from_the_table_where_there_is_no_file() {
    let folder = Folder::with_cases(&["1_1", "1_2", "1_3"]);
    let expected = Dataset::open(folder.path())
        .unwrap()
        .load_all(&|_| {})
        .unwrap();
    let runs = rle::encode(expected[0].mask.as_ref().unwrap().view());
    folder.remove("1_1_mask.tif");
    folder.remove("1_2_mask.tif");
    // the row of 1_3 is not used: its mask is a file; 9_9 is not here
    folder.write(
        "train_masks.csv",
        format!("subject,img,pixels\n1,1,{runs}\n1,2,\n1,3,5 5\n9,9,1 1\n"),
    );

    let dataset = Dataset::open(folder.path()).unwrap();

    assert_eq!(dataset.rows_without_image(), 1);
    assert!(matches!(dataset.cases()[0].mask, MaskSource::Row(_)));
    assert!(matches!(dataset.cases()[2].mask, MaskSource::File(_)));
    for (case, expected) in dataset.load_all(&|_| {}).unwrap().iter().zip(&expected) {
        assert_eq!(case.mask, expected.mask, "{}", case.case_id);
    }
    let alone = dataset.cases()[0].load_mask().unwrap();
    assert_eq!(alone, expected[0].mask);
    let positive: Vec<_> = dataset
        .cases()
        .iter()
        .map(|e| e.is_positive().unwrap())
        .collect();
    assert_eq!(positive, [Some(true), Some(false), Some(true)]);
}

#[test]
fn table_beside_the_train_folder_or_in_it() {
    for place in ["train_masks.csv", "train/train_masks.csv"] {
        let folder = Folder::new();
        folder.image("train/1_1.tif", &texture(WIDTH, HEIGHT));
        folder.write(place, "subject,img,pixels\n1,1,1 3\n");

        let cases = Dataset::open(folder.path())
            .unwrap()
            .load_all(&|_| {})
            .unwrap();

        assert_eq!(
            cases[0]
                .mask
                .as_ref()
                .unwrap()
                .iter()
                .filter(|&&set| set)
                .count(),
            3
        );
    }
}

#[test]
fn table_saved_by_a_spreadsheet_is_read() {
    let folder = Folder::new();
    folder.image("1_1.tif", &texture(WIDTH, HEIGHT));
    folder.write(
        "train_masks.csv",
        "\u{feff}subject,img,pixels\r\n1,1,\"1 3\"\r\n",
    );

    assert_eq!(Dataset::open(folder.path()).unwrap().cases().len(), 1);
}

#[test]
fn parallel_loading_keeps_the_order_and_reports_progress() {
    let names: Vec<String> = (1..=60).map(|n| format!("{}_{n}", n % 7)).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let dataset = Dataset::open(Folder::with_cases(&names).path());
    // the folder is gone: names are enough to list, not to load
    assert!(matches!(
        dataset.unwrap().load_all(&|_| {}),
        Err(DataError::ReadFile { .. })
    ));

    let folder = Folder::with_cases(&names);
    let dataset = Dataset::open(folder.path()).unwrap();
    let most = AtomicUsize::new(0);
    let loaded = dataset
        .par_load(|case| case.case_id, &|done| {
            most.fetch_max(done, Ordering::Relaxed);
        })
        .unwrap();

    let listed: Vec<_> = dataset.cases().iter().map(|entry| entry.case_id).collect();
    assert_eq!(loaded, listed);
    assert_eq!(most.into_inner(), 60);
}

#[test]
fn select_and_filter_keep_natural_order() {
    let folder = Folder::with_cases(&["1_1", "1_2", "2_1"]);
    let dataset = Dataset::open(folder.path()).unwrap();

    let selected = dataset.select(&[id("2_1"), id("1_1"), id("2_1")]).unwrap();
    assert_eq!(ids(&selected), ["1_1", "2_1"]);
    let filtered = dataset.filter(|entry| entry.case_id.subject_id == Some(1));
    assert_eq!(ids(&filtered), ["1_1", "1_2"]);
    let error = dataset.select(&[id("3_1")]).unwrap_err();
    assert!(matches!(error, DataError::UnknownCase { .. }), "{error:?}");
}

#[test]
fn subject_stats_count_positives() {
    let folder = Folder::with_cases(&["1_1", "1_2", "1_3", "4_1", "4_2"]);

    let stats = Dataset::open(folder.path())
        .unwrap()
        .subject_stats(&|_| {})
        .unwrap();

    assert_eq!(
        stats,
        [
            SubjectStats {
                subject_id: 1,
                cases: 3,
                positives: 2
            },
            SubjectStats {
                subject_id: 4,
                cases: 2,
                positives: 1
            },
        ]
    );
}

#[test]
fn masks_that_were_read_are_not_read_to_be_counted() {
    let folder = Folder::with_cases(&["1_1", "1_2"]);
    let dataset = Dataset::open(folder.path()).unwrap();
    dataset.cases()[0].load().unwrap();
    folder.remove("1_1_mask.tif");

    assert_eq!(dataset.subject_stats(&|_| {}).unwrap()[0].positives, 1);
    folder.remove("1_2_mask.tif");
    let error = dataset.subject_stats(&|_| {}).unwrap_err();
    assert!(matches!(error, DataError::ReadFile { .. }), "{error:?}");
}

#[test]
fn fingerprint_follows_content_not_place() {
    let fingerprint = |folder: &Folder| {
        Dataset::open(folder.path())
            .unwrap()
            .fingerprint(&|_| {})
            .unwrap()
    };
    let folder = Folder::with_cases(&["1_1", "1_2"]);
    let before = fingerprint(&folder);

    assert_eq!(before.len(), 64);
    assert_eq!(before, fingerprint(&Folder::with_cases(&["1_1", "1_2"])));
    folder.image("77.tif", &texture(WIDTH, HEIGHT));
    assert_eq!(before, fingerprint(&folder), "the test set does not count");
    folder.image("1_1_mask.tif", &empty_mask_image(WIDTH, HEIGHT));
    assert_ne!(before, fingerprint(&folder), "a mask has changed");
}

#[test]
fn fingerprint_is_the_documented_hash() {
    // sha256sum of `1_1 <sha256 of "image"> <sha256 of "mask">\n`
    let folder = Folder::new();
    folder.write("1_1.png", b"image");
    folder.write("1_1_mask.png", b"mask");

    let fingerprint = Dataset::open(folder.path())
        .unwrap()
        .fingerprint(&|_| {})
        .unwrap();

    assert_eq!(
        fingerprint,
        "91dc2d2daef98f7d3d0bdd1285622d9692f35167bc2a1e11fa15b2e3a2fa0961"
    );
}
