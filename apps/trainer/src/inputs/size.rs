//! How large a picture is.

/// Parses `580x420` as `[width, height]`.
pub(crate) fn parse_size(text: &str) -> Result<[u32; 2], String> {
    let parts: Option<Vec<u32>> = text.split('x').map(|part| part.parse().ok()).collect();
    match parts.as_deref() {
        Some(&[width, height]) => Ok([width, height]),
        _ => Err("expected WIDTHxHEIGHT, such as 580x420".to_owned()),
    }
}
