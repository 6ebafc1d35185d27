//! Every format that the reader knows, by its first bytes.
#![no_main]

use libfuzzer_sys::fuzz_target;
use nerveseg_fuzz::{LIMITS, READER};

fuzz_target!(|bytes: &[u8]| {
    if let Ok(frame) = READER.read_bytes(bytes, "input", 0) {
        let (width, height) = frame.pixels.dimensions();
        assert!(u64::from(width) * u64::from(height) <= LIMITS.max_pixels);
        frame.tissue_pixels();
    }
});
