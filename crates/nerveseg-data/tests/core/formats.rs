//! The table of formats, and DICOM among the others.

use std::path::Path;

use nerveseg_data::{
    DataError, Dataset, FORMATS, FileHashes, Frame, Reader, accepted, format_names,
    has_image_extension,
};

use crate::util::{Folder, HEIGHT, WIDTH, mask_image, texture};

/// Nine frames of a phantom.
const CLIP: &[u8] = include_bytes!("../../../../assets/samples/phantom-clip.dcm");

fn frame_of_the_clip(index: u32) -> Frame {
    nerveseg_dicom::decode(CLIP, index, &nerveseg_dicom::Limits::default()).unwrap()
}

/// A folder with one case in DICOM and one in TIFF.
fn folder_with_dicom() -> Folder {
    let folder = Folder::with_cases(&["2_1"]);
    let (width, height) = frame_of_the_clip(0).pixels.dimensions();
    folder.write("1_1.dcm", CLIP);
    folder.image("1_1_mask.png", &mask_image(width, height));
    folder
}

#[test]
fn formats_are_named_in_one_order_everywhere() {
    assert_eq!(format_names(), "PNG, JPEG, TIFF, BMP or DICOM");
    assert_eq!(
        accepted(),
        "image/png,image/jpeg,image/tiff,image/bmp,application/dicom,\
         .png,.jpg,.jpeg,.tif,.tiff,.bmp,.dcm,.dicom"
    );
    for name in ["a.tif", "a.TIFF", "a.Jpg", "a.dcm", "b/a.bmp"] {
        assert!(has_image_extension(Path::new(name)), "{name}");
    }
    for name in ["tif", "a.gif", "a.tif.txt", ".png"] {
        assert!(!has_image_extension(Path::new(name)), "{name}");
    }
}

#[test]
fn the_docs_list_every_format() {
    let mut list = "| format | extensions | media type |\n| --- | --- | --- |\n".to_owned();
    for format in FORMATS {
        let extensions: Vec<String> = format.extensions.iter().map(|e| format!("`{e}`")).collect();
        let (name, extensions) = (format.name, extensions.join(", "));
        list += &format!("| {name} | {extensions} | `{}` |\n", format.media_type);
    }
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/data.md");

    let text = std::fs::read_to_string(page).unwrap();

    assert!(
        text.contains(&list),
        "docs/data.md needs this table:\n{list}"
    );
}

#[test]
fn dicom_is_read_with_all_that_it_says() {
    let reader = Reader::default();
    for index in [0, 8] {
        let read = reader.read_bytes(CLIP, "clip", index).unwrap();

        assert_eq!(read, frame_of_the_clip(index));
        assert_eq!((read.index, read.count), (index, 9));
        assert!(read.spacing_mm.is_some());
    }
}

#[test]
fn frame_that_is_not_there_is_named() {
    let folder = Folder::new();
    let reader = Reader::default();
    let picture = folder.image("a.png", &texture(WIDTH, HEIGHT));
    let clip = folder.write("b.dcm", CLIP);
    for (path, index, count) in [(picture, 1, 1), (clip, 9, 9)] {
        let error = reader
            .read(&path, index)
            .map(|frame| frame.size())
            .unwrap_err();

        assert!(
            matches!(&error, DataError::NoSuchFrame { path: of, index: i, count: c }
                if *of == path && (*i, *c) == (index, count)),
            "{error:?}"
        );
    }
}

#[test]
fn dicom_beside_its_mask_is_a_case() {
    let folder = folder_with_dicom();

    let dataset = Dataset::open(folder.path()).unwrap();
    let case = dataset.cases()[0].load().unwrap();

    assert_eq!(dataset.cases().len(), 2);
    assert_eq!(case.frame, frame_of_the_clip(0));
    assert_eq!(case.mask.unwrap().iter().filter(|&&set| set).count(), 12);
}

#[test]
fn damaged_dicom_is_a_defect_that_names_its_file() {
    let folder = folder_with_dicom();
    for length in (132..CLIP.len()).step_by(9973) {
        folder.write("1_1.dcm", &CLIP[..length]);

        let scan = Dataset::scan(folder.path()).unwrap().verify(&|_| {});

        assert_eq!(scan.dataset.cases().len(), 1, "{length}");
        assert!(
            matches!(&scan.defects[..], [DataError::ReadDicom { path, .. }]
                if path.ends_with("1_1.dcm")),
            "{length}: {:?}",
            scan.defects
        );
    }
}

#[test]
fn files_that_were_loaded_are_not_read_again_for_the_fingerprint() {
    let folder = folder_with_dicom();
    let dataset = Dataset::open(folder.path()).unwrap();
    let expected = dataset.fingerprint(&|_| {}).unwrap();

    let (sizes, hashes) = dataset
        .par_load_hashed(|case| case.frame.size(), &|_| {})
        .unwrap();
    for name in ["1_1.dcm", "1_1_mask.png", "2_1.tif", "2_1_mask.tif"] {
        folder.remove(name);
    }

    assert_eq!(sizes[1], [HEIGHT as usize, WIDTH as usize]);
    assert_eq!(
        dataset.hashes(hashes, &|_| {}).unwrap().fingerprint(),
        expected
    );
    let none = dataset.hashes(FileHashes::default(), &|_| {});
    assert!(matches!(none, Err(DataError::ReadFile { .. })));
}
