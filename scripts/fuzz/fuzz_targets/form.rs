//! A form: its first line is the `Content-Type`, the rest is the body.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    if let Some(end) = bytes.iter().position(|byte| *byte == b'\n') {
        let (content_type, body) = (&bytes[..end], &bytes[end + 1..]);
        nerveseg_web::fuzzing::form(content_type, body);
    }
});
