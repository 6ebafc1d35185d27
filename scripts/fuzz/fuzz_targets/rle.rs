//! Run lengths: what is read is written back the same, and fits or is refused.
#![no_main]

use libfuzzer_sys::fuzz_target;
use nerveseg_data::RunLengths;

/// Height and width of the mask.
const SIZE: [u32; 2] = [13, 29];

fuzz_target!(|text: &str| {
    let Ok(runs) = text.parse::<RunLengths>() else {
        return;
    };
    assert_eq!(runs.to_string().parse(), Ok(runs.clone()));
    if let Ok(mask) = runs.to_mask(SIZE) {
        assert_eq!(
            mask.iter().filter(|inside| **inside).count() as u64,
            runs.area_px()
        );
        let again = nerveseg_data::rle::encode(mask.view());
        assert_eq!(again.to_mask(SIZE), Ok(mask));
    }
});
