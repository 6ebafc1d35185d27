//! How many bits of a wide sample carry the picture.

/// The bits of the scale that samples up to `largest` were written on, where the file does not say:
/// the fewest of 8, 10, 12, 14 and 16 that hold it. These are the depths that devices write.
///
/// White is the highest value of that scale, so a picture of 8 or 12 bits in samples of 16 is as
/// bright as the same picture in a file of 8 bits.
pub fn depth_of(largest: u16) -> u16 {
    let depths = [8, 10, 12, 14];
    let holds = |depth: &u16| largest >> depth == 0;
    depths.into_iter().find(holds).unwrap_or(16)
}

#[cfg(test)]
mod tests {
    use super::depth_of;

    #[test]
    fn depth_is_the_smallest_that_devices_write() {
        for (largest, depth) in [
            (0, 8),
            (255, 8),
            (256, 10),
            (1023, 10),
            (1024, 12),
            (4095, 12),
            (4096, 14),
            (16_384, 16),
            (u16::MAX, 16),
        ] {
            assert_eq!(depth_of(largest), depth, "{largest}");
        }
    }
}
