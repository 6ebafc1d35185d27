//! Pixels of fewer than eight bits.

/// One value per byte from `depth` bits each, highest bits first; rows start at a byte.
pub(super) fn unpack(packed: &[u8], depth: u8, width: u32) -> Vec<u8> {
    let per_byte = usize::from(8 / depth);
    let width = width as usize;
    let mask = (1_u8 << depth) - 1;
    packed
        .chunks_exact(width.div_ceil(per_byte).max(1))
        .flat_map(|row| {
            (0..width).map(move |x| {
                let shift = 8 - depth as usize * (x % per_byte + 1);
                (row[x / per_byte] >> shift) & mask
            })
        })
        .collect()
}
