//! How many of the 16 bits of a deep sample are used.

use nerveseg_frame::{depth_among, luma, spread};

/// What is known of the bits of 16-bit samples before anybody looks at them.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Depth {
    /// What the file says they are.
    pub(super) said: Option<u16>,
    /// As many at least: what the largest sample of this file, or of its neighbours, takes.
    pub(super) least: u16,
}

/// Grey values, and the bits that the samples were taken to have unless the file says them.
pub(super) type Grays = (Vec<u8>, Option<u16>);

impl Depth {
    /// Bits of samples of which `used` has every bit that is set in any of them.
    ///
    /// Samples that take more bits than the file says were moved up to fill the range, as the
    /// specification of PNG has it.
    fn of(self, used: u16) -> u16 {
        match self.said {
            Some(said) if bits_of(used) <= said => said,
            Some(_) => 16,
            None => depth_among(used, self.least),
        }
    }

    /// Grey values of pixels of `channels` samples: grey, grey and alpha, RGB, RGB and alpha.
    pub(super) fn grays(self, samples: &[u16], channels: usize) -> Grays {
        let bits = self.of(used_bits(samples, channels));
        let gray = |sample| spread(sample, bits);
        let grays = match channels {
            1 => samples.iter().map(|&it| gray(it)).collect(),
            2 => samples.chunks_exact(2).map(|it| gray(it[0])).collect(),
            _ => samples
                .chunks_exact(channels)
                .map(|it| luma([it[0], it[1], it[2]].map(gray)))
                .collect(),
        };
        (grays, self.said.is_none().then_some(bits))
    }
}

/// Every bit that is set in any sample, alpha aside.
pub(super) fn used_bits(samples: &[u16], channels: usize) -> u16 {
    let or = |all: u16, &sample: &u16| all | sample;
    match channels {
        1 => samples.iter().fold(0, or),
        2 => samples.iter().step_by(2).fold(0, or),
        _ => samples
            .chunks_exact(channels)
            .flat_map(|pixel| &pixel[..3])
            .fold(0, or),
    }
}

/// How many bits it takes to write a number.
pub(super) fn bits_of(number: u16) -> u16 {
    (u16::BITS - number.leading_zeros()) as u16
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn neighbours_and_tags_say_how_many_bits_there_are_at_least() {
        let bits = |used, least| Depth { said: None, least }.of(used);

        assert_eq!([bits(0, 0), bits(0xff, 0), bits(0x100, 0)], [8, 8, 10]);
        assert_eq!([bits(3, 11), bits(3, 16), bits(0xfff, 8)], [12, 16, 12]);
    }

    #[test]
    fn the_file_is_believed_unless_its_samples_say_otherwise() {
        let bits = |used, said| {
            let said = Some(said);
            Depth { said, least: 0 }.of(used)
        };
        // a dark frame, a full one, one that was moved up
        assert_eq!(
            [bits(0x7f, 12), bits(0xfff, 12), bits(0xfff0, 12)],
            [12, 12, 16]
        );
        assert_eq!([bits(0x7f, 16), bits(0, 12)], [16, 12]);
    }

    #[test]
    fn alpha_says_nothing_of_the_bits() {
        let depth = Depth::default();

        assert_eq!(depth.grays(&[7, 65535, 200, 0], 2), (vec![7, 200], Some(8)));
        let pixel = [255, 0, 0, 65535];
        assert_eq!(depth.grays(&pixel, 4), (vec![76], Some(8)));
    }
}
