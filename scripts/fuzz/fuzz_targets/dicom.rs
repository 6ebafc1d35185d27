//! DICOM: elements, transfer syntaxes, regions, and the first and the last frame.
#![no_main]

use libfuzzer_sys::fuzz_target;
use nerveseg_dicom::{Limits, decode};

const LIMITS: Limits = Limits {
    bytes: 1 << 20,
    pixels: 1 << 16,
    frames: 100,
};

fuzz_target!(|bytes: &[u8]| {
    let Ok(frame) = decode(bytes, 0, &LIMITS) else {
        return;
    };
    let (width, height) = frame.pixels.dimensions();
    assert!(u64::from(width) * u64::from(height) <= LIMITS.pixels);
    assert!((1..=LIMITS.frames).contains(&frame.count));
    frame.tissue_pixels();
    let last = frame.count - 1;
    if last > 0
        && let Ok(frame) = decode(bytes, last, &LIMITS)
    {
        assert_eq!(frame.index, last);
    }
    decode(bytes, frame.count, &LIMITS).expect_err("there is no frame after the last");
});
