//! How many bits of a wide sample carry the picture.

/// Most frames of a file that stand for all of them.
const SEVERAL: usize = 8;

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

/// As [`depth_of`], of a frame whose neighbours use `least_bits` bits: there are as many at least,
/// or a dark frame would be too bright among them.
pub fn depth_among(largest: u16, least_bits: u16) -> u16 {
    let least_bits = u32::from(least_bits.min(16));
    let least = u16::MAX.checked_shr(16 - least_bits).unwrap_or(0);
    depth_of(largest).max(depth_of(least))
}

/// Up to eight of the `count` frames of a file, spread over it, whose bits stand for those of all.
pub fn neighbours(count: usize) -> impl Iterator<Item = usize> {
    (0..count).step_by(count.div_ceil(SEVERAL).max(1))
}

#[cfg(test)]
mod tests {
    use super::*;

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

    #[test]
    fn neighbours_can_only_add_bits() {
        for (largest, least_bits, depth) in [
            (3, 0, 8),
            (3, 11, 12),
            (3, 16, 16),
            (3, 99, 16),
            (4095, 8, 12),
        ] {
            assert_eq!(depth_among(largest, least_bits), depth, "{largest}");
        }
    }

    #[test]
    fn few_frames_stand_for_many() {
        let of = |count| neighbours(count).collect::<Vec<_>>();

        assert_eq!((of(0), of(1), of(3)), (vec![], vec![0], vec![0, 1, 2]));
        assert_eq!(of(40), [0, 5, 10, 15, 20, 25, 30, 35]);
        assert_eq!(of(41).len(), 7);
    }
}
