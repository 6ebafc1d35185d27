//! `splits.json`.
#![no_main]

use libfuzzer_sys::fuzz_target;
use nerveseg_data::Splits;
use nerveseg_fuzz::file;

fuzz_target!(|json: &[u8]| {
    let _ = Splits::load(file("splits.json", json));
});
