//! Masks: which values are one, and the runs of what was read.
#![no_main]

use libfuzzer_sys::fuzz_target;
use nerveseg_data::rle;
use nerveseg_fuzz::{READER, file};

fuzz_target!(|bytes: &[u8]| {
    if let Ok(mask) = READER.read_mask(file("mask", bytes)) {
        let (height, width) = mask.dim();
        let runs = rle::encode(mask.view());
        assert_eq!(
            runs.to_mask([height as u32, width as u32]).as_ref(),
            Ok(&mask)
        );
    }
});
