//! Checks on the original images, which are not part of the repository.

use std::io::Write as _;
use std::path::PathBuf;

use nerveseg_data::{DataError, Dataset, MaskSource, read_image, read_image_bytes, read_mask, rle};

use crate::util::Folder;

/// A folder beside the checkout, or `None` and a loud word.
fn shared(name: &str) -> Option<PathBuf> {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("../../../shared/data")
        .join(name);
    if path.exists() {
        return Some(path);
    }
    // not `eprintln!`: the test harness would swallow it
    writeln!(std::io::stderr(), "SKIPPED: {} not found", path.display()).unwrap();
    None
}

/// The pairs of `uns-full` without their mask files, so that masks come from the table.
fn without_mask_files(full: &std::path::Path) -> Folder {
    let folder = Folder::new();
    for entry in std::fs::read_dir(full.join("train")).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap();
        if !name.contains("_mask") {
            folder.write(&format!("train/{name}"), std::fs::read(&path).unwrap());
        }
    }
    folder.write(
        "train_masks.csv",
        std::fs::read(full.join("train_masks.csv")).unwrap(),
    );
    folder
}

#[test]
fn original_folder_opens_without_a_defect() {
    let Some(full) = shared("uns-full") else {
        return;
    };

    let dataset = Dataset::open(full).unwrap();

    assert_eq!(dataset.cases().len(), 55);
    assert_eq!(dataset.test_frames().len(), 40);
    assert_eq!(dataset.subjects(), [1, 7, 8, 10, 11]);
    assert_eq!(dataset.rows_without_image(), 4436 - 55);
    let sizes = dataset
        .par_load(|case| case.frame.pixels.dimensions(), &|_| {})
        .unwrap();
    assert!(sizes.iter().all(|&size| size == (580, 420)));
}

#[test]
fn every_original_mask_equals_its_row_both_ways() {
    let Some(full) = shared("uns-full") else {
        return;
    };
    let files = Dataset::open(&full).unwrap();
    let folder = without_mask_files(&full);
    let table = Dataset::open(folder.path()).unwrap();
    assert_eq!(table.cases().len(), 55);

    for (file, row) in files.cases().iter().zip(table.cases()) {
        let MaskSource::Row(source) = &row.mask else {
            panic!("{} is not a row", row.case_id)
        };
        let mask = file.load_mask().unwrap().unwrap();
        assert_eq!(
            *source.runs,
            rle::encode(mask.view()),
            "{} encoded",
            file.case_id
        );
        assert_eq!(
            row.load_mask().unwrap().unwrap(),
            mask,
            "{} decoded",
            file.case_id
        );
        assert_eq!(row.load().unwrap().mask.unwrap(), mask);
    }
}

#[test]
fn every_row_of_the_table_keeps_its_text() {
    let Some(full) = shared("uns-full") else {
        return;
    };
    let table = std::fs::read_to_string(full.join("train_masks.csv")).unwrap();

    // all of them take a minute without optimisation
    let step = if cfg!(debug_assertions) { 40 } else { 1 };
    for line in table.lines().skip(1).step_by(step) {
        let pixels = line.split(',').nth(2).unwrap();
        let mask = rle::decode(pixels, [420, 580]).unwrap();
        assert_eq!(rle::encode(mask.view()).to_string(), pixels);
    }
}

#[test]
fn original_tiff_cut_anywhere_is_an_error() {
    let Some(full) = shared("uns-full") else {
        return;
    };
    let bytes = std::fs::read(full.join("train/1_1.tif")).unwrap();

    for tenth in 1..10 {
        let cut = &bytes[..bytes.len() * tenth / 10];
        assert!(read_image_bytes(cut, "1_1.tif").is_err(), "{tenth} tenths");
    }
}

#[test]
fn positive_frames_load_and_are_positive() {
    let Some(folder) = shared("uns-positive") else {
        return;
    };
    let dataset = Dataset::open(folder).unwrap();
    assert_eq!(dataset.cases().len(), 1880);
    assert_eq!(dataset.subjects().len(), 37);

    let stats = dataset.subject_stats(&|_| {}).unwrap();

    assert!(stats.iter().all(|s| s.positives == s.cases && s.cases > 0));
}

#[test]
fn palette_masks_of_three_classes_are_refused_as_masks_but_read_as_images() {
    let Some(masks) = shared("usgra/masks") else {
        return;
    };
    let path = masks.join("0000.png");

    assert!(read_image(&path).is_ok());
    let result = read_mask(&path);
    assert!(
        matches!(&result, Err(DataError::NotAMask { found, .. }) if found.contains("[0, 1, 2] of a palette")),
        "{result:?}"
    );
}
