//! TIFF: tags, kinds of pixel, compressions and pages.
#![no_main]

use libfuzzer_sys::{Corpus, fuzz_target};
use nerveseg_fuzz::{LIMITS, READER};

fuzz_target!(|bytes: &[u8]| -> Corpus {
    // other formats have a target of their own
    let head = bytes.get(..2);
    if head != Some(b"II") && head != Some(b"MM") {
        return Corpus::Reject;
    }
    for index in [0, 1] {
        if let Ok(frame) = READER.read_bytes(bytes, "input.tif", index) {
            let (width, height) = frame.pixels.dimensions();
            assert!(u64::from(width) * u64::from(height) <= LIMITS.max_pixels);
        }
    }
    Corpus::Keep
});
