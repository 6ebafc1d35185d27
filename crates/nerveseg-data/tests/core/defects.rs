//! Every kind of defect, found by name or by content, and its message.

use std::path::Path;

use image::Luma;
use nerveseg_data::{DataError, Dataset, RleError, Scan, format_names};

use crate::util::{Folder, HEIGHT, RawTiff, WIDTH, mask_image, png_claiming, texture};

/// One good case, so that a scan always has something to keep.
fn folder() -> Folder {
    Folder::with_cases(&["1_1"])
}

/// The only defect of a folder whose good case must survive; `open` must refuse it too.
fn defect_of_names(folder: &Folder) -> DataError {
    let Scan {
        dataset,
        mut defects,
    } = Dataset::scan(folder.path()).unwrap();
    assert_eq!(defects.len(), 1, "{defects:?}");
    assert_eq!(dataset.cases().len(), 1);
    let defect = defects.remove(0);
    let strict = Dataset::open(folder.path()).unwrap_err();
    assert_eq!(strict.to_string(), defect.to_string());
    defect
}

/// The only defect of a folder whose names are sound.
fn defect_of_content(folder: &Folder) -> DataError {
    let scan = Dataset::scan(folder.path()).unwrap();
    assert!(scan.defects.is_empty(), "{:?}", scan.defects);
    let strict = scan.dataset.load_all(&|_| {}).unwrap_err();
    let Scan {
        dataset,
        mut defects,
    } = scan.verify(&|_| {});
    assert_eq!(defects.len(), 1, "{defects:?}");
    assert_eq!(dataset.cases().len(), 1);
    let defect = defects.remove(0);
    assert_eq!(strict.to_string(), defect.to_string());
    defect
}

#[track_caller]
fn assert_says(defect: &DataError, words: &[&str]) {
    let message = defect.to_string();
    for word in words {
        assert!(message.contains(word), "`{word}` is not in: {message}");
    }
}

#[test]
fn orphan_image() {
    let folder = folder();
    folder.image("1_2.tif", &texture(WIDTH, HEIGHT));

    let defect = defect_of_names(&folder);

    assert!(
        matches!(defect, DataError::OrphanImage { .. }),
        "{defect:?}"
    );
    assert_says(&defect, &["1_2.tif", "1_2_mask.EXT", "train_masks.csv"]);
}

#[test]
fn orphan_mask() {
    let folder = folder();
    folder.image("1_2_mask.tif", &mask_image(WIDTH, HEIGHT));

    let defect = defect_of_names(&folder);

    assert!(matches!(defect, DataError::OrphanMask { .. }), "{defect:?}");
    assert_says(&defect, &["1_2_mask.tif", "1_2.EXT"]);
}

#[test]
fn bad_name() {
    for name in ["screenshot.png", "1_2_3.tif", "7_mask.tif"] {
        let folder = folder();
        folder.image(name, &texture(WIDTH, HEIGHT));

        let defect = defect_of_names(&folder);

        assert!(matches!(defect, DataError::BadName { .. }), "{defect:?}");
        assert_says(&defect, &[name, "S_N_mask.EXT"]);
    }
}

#[test]
fn duplicate_image() {
    for twin in ["1_2.png", "01_2.tif"] {
        let folder = folder();
        folder.image("1_2.tif", &texture(WIDTH, HEIGHT));
        folder.image(twin, &texture(WIDTH, HEIGHT));
        folder.image("1_2_mask.tif", &mask_image(WIDTH, HEIGHT));

        let defect = defect_of_names(&folder);

        assert!(
            matches!(defect, DataError::DuplicateFile { .. }),
            "{defect:?}"
        );
        assert_says(&defect, &["`1_2`", "1_2.tif", twin]);
    }
}

#[test]
fn duplicate_mask() {
    let folder = folder();
    folder.image("1_2.tif", &texture(WIDTH, HEIGHT));
    folder.image("1_2_mask.tif", &mask_image(WIDTH, HEIGHT));
    folder.image("1_2_mask.bmp", &mask_image(WIDTH, HEIGHT));

    let defect = defect_of_names(&folder);

    assert!(
        matches!(defect, DataError::DuplicateFile { .. }),
        "{defect:?}"
    );
    assert_says(&defect, &["1_2_mask.bmp", "1_2_mask.tif"]);
}

#[test]
fn duplicate_frame_in_train_and_test() {
    let folder = folder();
    folder.image("train/5.tif", &texture(WIDTH, HEIGHT));
    folder.image("test/5.tif", &texture(WIDTH, HEIGHT));

    assert!(matches!(
        defect_of_names(&folder),
        DataError::DuplicateFile { .. }
    ));
}

#[test]
fn size_mismatch() {
    let folder = folder();
    folder.image("1_2.tif", &texture(WIDTH, HEIGHT));
    folder.image("1_2_mask.tif", &mask_image(HEIGHT, WIDTH));

    let defect = defect_of_content(&folder);

    assert!(
        matches!(defect, DataError::GeometryMismatch { .. }),
        "{defect:?}"
    );
    assert_says(
        &defect,
        &["`1_2`", "1_2.tif", "1_2_mask.tif", "[17, 23]", "[23, 17]"],
    );
}

#[test]
fn mask_with_soft_edges() {
    let folder = folder();
    let mut mask = mask_image(WIDTH, HEIGHT);
    mask.put_pixel(2, 3, Luma([97]));
    folder.image("1_2.tif", &texture(WIDTH, HEIGHT));
    folder.image("1_2_mask.tif", &mask);

    let defect = defect_of_content(&folder);

    assert!(
        matches!(defect, DataError::MaskNotBinary { .. }),
        "{defect:?}"
    );
    assert_says(
        &defect,
        &["1_2_mask.tif", "1 values", "97", "row 3", "column 2"],
    );
}

fn with_image_bytes(bytes: impl AsRef<[u8]>) -> DataError {
    let folder = folder();
    folder.write("1_2.tif", bytes);
    folder.image("1_2_mask.tif", &mask_image(WIDTH, HEIGHT));
    let defect = defect_of_content(&folder);
    assert_says(&defect, &["1_2.tif"]);
    defect
}

#[test]
fn truncated_tiff() {
    let folder = Folder::new();
    let lzw = std::fs::read(folder.image("whole.tif", &texture(WIDTH, HEIGHT))).unwrap();
    // its directory comes before its pixels, so only the pixels are cut
    let raw = RawTiff::gray([17, 23], texture(WIDTH, HEIGHT).into_raw()).bytes();

    for bytes in [&lzw[..lzw.len() / 2], &raw[..raw.len() - 20], &raw[..9]] {
        let defect = with_image_bytes(bytes);
        assert!(
            matches!(defect, DataError::DecodeImage { .. }),
            "{defect:?}"
        );
    }
}

#[test]
fn not_an_image() {
    let defect = with_image_bytes("subject,img,pixels");

    assert!(matches!(defect, DataError::NotAnImage { .. }), "{defect:?}");
    assert_says(&defect, &[&format!("expected {}", format_names())]);
}

#[test]
fn undecodable() {
    let mut png = png_claiming(WIDTH, HEIGHT);
    let defect = with_image_bytes(&png);
    assert!(
        matches!(defect, DataError::DecodeImage { .. }),
        "{defect:?}"
    );

    png[20] ^= 1; // the checksum of the header no longer fits
    let defect = with_image_bytes(&png);
    assert!(
        matches!(defect, DataError::DecodeImage { .. }),
        "{defect:?}"
    );
}

#[test]
fn decompression_bomb() {
    let defect = with_image_bytes(png_claiming(20_000, 20_000));

    assert!(
        matches!(defect, DataError::ImageTooLarge { .. }),
        "{defect:?}"
    );
    assert_says(&defect, &["20000", "8192"]);
}

#[test]
fn float_pixels() {
    let float = RawTiff {
        bits: 32,
        sample_format: 3,
        ..RawTiff::gray([1, 1], vec![0; 4])
    };

    let defect = with_image_bytes(float.bytes());

    assert!(
        matches!(defect, DataError::UnsupportedPixels { .. }),
        "{defect:?}"
    );
}

#[cfg(unix)]
#[test]
fn broken_link() {
    let folder = folder();
    std::os::unix::fs::symlink("nowhere", folder.file("1_2.tif")).unwrap();
    folder.image("1_2_mask.tif", &mask_image(WIDTH, HEIGHT));

    let defect = defect_of_content(&folder);

    assert!(matches!(defect, DataError::ReadFile { .. }), "{defect:?}");
}

#[test]
fn damaged_test_frame_is_found_too() {
    let folder = folder();
    folder.write("3.png", b"no image");

    let scan = Dataset::scan(folder.path()).unwrap().verify(&|_| {});

    assert!(scan.dataset.test_frames().is_empty());
    assert!(
        matches!(scan.defects[..], [DataError::NotAnImage { .. }]),
        "{:?}",
        scan.defects
    );
}

#[test]
fn missing_folder() {
    for open in [Dataset::open, |path: &Path| {
        Dataset::scan(path).map(|scan| scan.dataset)
    }] {
        let error = open(Path::new("no/such/folder")).unwrap_err();
        assert!(matches!(error, DataError::ReadFolder { .. }), "{error:?}");
        assert_says(&error, &["no/such/folder"]);
    }
}

#[test]
fn file_instead_of_a_folder() {
    let folder = folder();
    let error = Dataset::open(folder.file("1_1.tif")).unwrap_err();

    assert!(matches!(error, DataError::ReadFolder { .. }), "{error:?}");
}

#[test]
fn folder_without_uns_files() {
    let folder = Folder::new();
    folder.image("holiday.jpg", &texture(WIDTH, HEIGHT));

    for error in [
        Dataset::open(folder.path()).unwrap_err(),
        Dataset::scan(folder.path()).unwrap_err(),
    ] {
        assert!(matches!(error, DataError::NoUnsFiles { .. }), "{error:?}");
        assert_says(&error, &["S_N.tif", "train/"]);
    }
}

/// A folder whose second case has its mask in the table.
fn with_table(table: impl AsRef<[u8]>) -> Folder {
    let folder = folder();
    folder.image("1_2.tif", &texture(WIDTH, HEIGHT));
    folder.write("train_masks.csv", table);
    folder
}

/// Defects of a table whose case is lost with its row.
fn table_defect(table: impl AsRef<[u8]>) -> DataError {
    let folder = with_table(table);
    let Scan {
        dataset,
        mut defects,
    } = Dataset::scan(folder.path()).unwrap();
    assert_eq!(dataset.cases().len(), 1);
    // a table that cannot be read at all may hold the mask
    assert!(
        matches!(
            defects[..],
            [_, DataError::OrphanImage { .. }] | [DataError::CsvHeader { .. }]
        ),
        "the image is left without a mask: {defects:?}"
    );
    let defect = defects.remove(0);
    assert_says(&defect, &["train_masks.csv"]);
    assert_eq!(
        Dataset::open(folder.path()).unwrap_err().to_string(),
        defect.to_string()
    );
    defect
}

#[test]
fn table_with_another_header() {
    for table in ["subject,image,pixels\n1,2,1 1\n", "1,2,1 1\n", ""] {
        let defect = table_defect(table);
        assert!(matches!(defect, DataError::CsvHeader { .. }), "{defect:?}");
        assert_says(&defect, &["expected `subject,img,pixels`"]);
    }
}

#[test]
fn table_with_a_malformed_run() {
    let defect = table_defect("subject,img,pixels\n7,7,\n1,2,5 2 6 1\n");

    let DataError::CsvRuns {
        line: 3, source, ..
    } = &defect
    else {
        panic!("expected the runs of line 3, got {defect:?}");
    };
    assert_eq!(
        *source,
        RleError::Unsorted {
            start: 6,
            previous_end: 6
        }
    );
    assert_says(&defect, &["line 3", "`1_2`"]);
}

#[test]
fn table_with_a_malformed_row() {
    for row in ["1,2", "1,2,3 4,5", "one,2,3 4", "1,,3 4", "1,-2,3 4"] {
        let defect = table_defect(format!("subject,img,pixels\n{row}\n"));
        assert!(
            matches!(defect, DataError::CsvRow { line: 2, .. }),
            "{defect:?}"
        );
    }
    let defect = table_defect(b"subject,img,pixels\n1,2,\xff\n");
    assert!(
        matches!(defect, DataError::CsvRow { line: 2, .. }),
        "{defect:?}"
    );
}

#[test]
fn table_with_two_rows_for_one_case() {
    let defect = table_defect("subject,img,pixels\n1,2,1 1\n1,2,2 2\n");

    assert!(
        matches!(defect, DataError::CsvRow { line: 3, .. }),
        "{defect:?}"
    );
    assert_says(&defect, &["line 3", "line 2", "`1_2`"]);
}

#[test]
fn table_row_out_of_range() {
    let pixels = WIDTH * HEIGHT;
    let folder = with_table(format!("subject,img,pixels\n1,2,{pixels} 2\n"));

    let defect = defect_of_content(&folder);

    let DataError::CsvRuns {
        line: 2, source, ..
    } = &defect
    else {
        panic!("expected the runs of line 2, got {defect:?}");
    };
    assert!(
        matches!(source, RleError::PastEnd { pixels: 391, .. }),
        "{source:?}"
    );
    assert_says(&defect, &["train_masks.csv", "`1_2`"]);
}
