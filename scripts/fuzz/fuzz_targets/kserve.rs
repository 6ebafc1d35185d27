//! A request of the Open Inference Protocol: two bytes say where its JSON ends.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    if let Some((length, body)) = bytes.split_first_chunk() {
        let json_length = usize::from(u16::from_le_bytes(*length));
        nerveseg_web::fuzzing::kserve(json_length.min(body.len()), body);
    }
});
