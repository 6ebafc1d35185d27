//! `train_masks.csv` of a folder with two frames.
#![no_main]

use std::sync::Once;

use image::{GrayImage, ImageFormat};
use libfuzzer_sys::fuzz_target;
use nerveseg_data::Dataset;
use nerveseg_fuzz::{READER, file, folder};

fuzz_target!(|table: &[u8]| {
    static FRAMES: Once = Once::new();
    FRAMES.call_once(|| {
        for name in ["1_1.png", "2_1.png"] {
            let frame = GrayImage::new(29, 13);
            let saved = frame.save_with_format(folder().join(name), ImageFormat::Png);
            saved.expect("a temporary file can be written");
        }
    });
    file("train_masks.csv", table);
    if let Ok(scan) = Dataset::scan_with(folder(), READER) {
        let labelled = scan.verify(&|_| ()).dataset;
        assert!(labelled.cases().len() <= 2);
    }
});
