//! From colour to grey.

/// Rec. 601 luma of 8-bit channels, rounded; equal channels keep their value exactly.
///
/// The rule by which every coloured image becomes grey here, whatever its format.
pub fn luma([r, g, b]: [u8; 3]) -> u8 {
    let weighted = 299 * u32::from(r) + 587 * u32::from(g) + 114 * u32::from(b);
    ((weighted + 500) / 1000) as u8
}
