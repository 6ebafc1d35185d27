//! Segmentations: nested sequences, references and bits; and whom a file shows.
#![no_main]

use libfuzzer_sys::fuzz_target;
use nerveseg_dicom::segmentation::Segmentation;
use nerveseg_dicom::{Identity, Limits};

const LIMITS: Limits = Limits {
    bytes: 1 << 20,
    pixels: 1 << 16,
    frames: 100,
};

fuzz_target!(|bytes: &[u8]| {
    let _ = Identity::read(bytes);
    let Ok(content) = Segmentation::read(bytes, &LIMITS) else {
        return;
    };
    let pixels: u32 = content.size.iter().product();
    assert!(u64::from(pixels) <= LIMITS.pixels);
    for frame in 0..content.frames.len() {
        let mask = content.mask(frame).expect("the frame is there");
        assert_eq!(mask.len(), pixels as usize);
    }
});
