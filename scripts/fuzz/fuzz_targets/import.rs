//! Annotations of other programs beside one picture: the first letter says whose.
#![no_main]

use std::path::Path;
use std::sync::Once;

use image::{GrayImage, ImageFormat};
use libfuzzer_sys::{Corpus, fuzz_target};
use nerveseg_fuzz::{READER, folder};
use nerveseg_import::{ImportOptions, LAYOUTS, import};

/// First letter, name of the layout, and of the file that holds the annotations.
const KINDS: [(u8, &str, &str); 4] = [
    (b'c', "coco", "annotations.json"),
    (b'v', "cvat", "annotations.xml"),
    (b'l', "labelme", "p01_001.json"),
    (b'n', "nnunet", "dataset.json"),
];

fuzz_target!(|bytes: &[u8]| -> Corpus {
    static PICTURES: Once = Once::new();
    PICTURES.call_once(pictures);
    let Some((first, annotations)) = bytes.split_first() else {
        return Corpus::Reject;
    };
    let Some((_, name, file)) = KINDS.iter().find(|(letter, ..)| letter == first) else {
        return Corpus::Reject;
    };
    let layout = LAYOUTS.iter().find(|layout| layout.name == *name);
    let root = folder().join(name);
    std::fs::write(root.join(file), annotations).expect("a temporary file can be written");
    let options = ImportOptions {
        layout: Some(layout.expect("there is such a layout")),
        reader: READER,
        ..ImportOptions::default()
    };
    let out = folder().join("out");
    if import(&root, &out, &options, &|_, _| ()).is_ok() {
        std::fs::remove_dir_all(out).expect("what was imported can be removed");
    }
    Corpus::Keep
});

fn pictures() {
    for (_, name, _) in KINDS {
        let root = folder().join(name);
        if name == "nnunet" {
            picture(&root.join("imagesTr"), "p01_001_0000.png");
            picture(&root.join("labelsTr"), "p01_001.png");
        } else {
            picture(&root, "p01_001.png");
        }
    }
}

fn picture(folder: &Path, name: &str) {
    std::fs::create_dir_all(folder).expect("a temporary folder can be made");
    let saved = GrayImage::new(29, 13).save_with_format(folder.join(name), ImageFormat::Png);
    saved.expect("a temporary file can be written");
}
