//! Where the maps of a network lie in the arena.

use crate::buffer::Buffer;
use crate::isa::Isa;
use crate::size::Size;

/// A part of the arena, by its number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Slot(usize);

/// Maps at one or two slots, which count as one.
#[derive(Clone, Copy, Debug)]
pub(super) struct MapsAt {
    pub(super) first: (Slot, usize),
    /// With its channels, as the first one.
    pub(super) second: Option<(Slot, usize)>,
    /// How often they were halved.
    pub(super) level: usize,
}

impl MapsAt {
    /// Maps at one slot.
    pub(super) fn one(slot: Slot, channels: usize, level: usize) -> Self {
        Self {
            first: (slot, channels),
            second: None,
            level,
        }
    }

    /// Channels of each set of maps.
    pub(super) fn parts(&self) -> Vec<usize> {
        let second = self.second.iter().map(|(_, channels)| *channels);
        std::iter::once(self.first.1).chain(second).collect()
    }

    /// Channels of all of them.
    pub(super) fn channels(&self) -> usize {
        self.parts().iter().sum()
    }
}

/// The slots of a network.
#[derive(Debug)]
pub(super) struct Slots {
    /// Plain planes of the padded images.
    pub(super) images: Slot,
    /// Plain planes of the padded probabilities.
    pub(super) output: Slot,
    /// What each level of the encoder keeps for the decoder.
    pub(super) skips: Vec<Slot>,
    /// Between the two convolutions of a block; one block at a time is there.
    pub(super) middle: Slot,
    /// What a level begins and ends with; the way to the next level needs those of both.
    ends: [Slot; 2],
}

impl Slots {
    /// What `level` begins and ends with.
    pub(super) fn end(&self, level: usize) -> Slot {
        self.ends[level % 2]
    }
}

/// The arena: where each slot begins.
#[derive(Debug, Default)]
pub(super) struct Storage {
    starts: Vec<usize>,
    len: usize,
}

impl Storage {
    /// Room for all maps of a network: images of `channels`, then `features` channels a level.
    pub(super) fn lay_out(
        size: Size,
        channels: usize,
        features: &[usize],
        isa: Isa,
    ) -> (Self, Slots) {
        let mut storage = Self::default();
        let plain = channels * size.batch * size.pixels();
        let (images, output) = (storage.take(plain), storage.take(plain));
        let sizes = std::iter::successors(Some(size), |size| Some(size.halved()));
        let lens: Vec<usize> = sizes
            .zip(features)
            .map(|(size, &features)| size.blocked_len(features, isa))
            .collect();
        let skips = lens[..lens.len() - 1]
            .iter()
            .map(|&len| storage.take(len))
            .collect();
        let largest = |lens: &mut dyn Iterator<Item = &usize>| lens.copied().max().unwrap_or(0);
        let slots = Slots {
            images,
            output,
            skips,
            middle: storage.take(largest(&mut lens.iter())),
            ends: [0, 1]
                .map(|first| storage.take(largest(&mut lens.iter().skip(first).step_by(2)))),
        };
        (storage, slots)
    }

    fn take(&mut self, len: usize) -> Slot {
        self.starts.push(self.len);
        // a line more than a power of two: maps of one place in a cache set would collide
        self.len += len.next_multiple_of(Buffer::LINE) + 5 * Buffer::LINE;
        Slot(self.starts.len() - 1)
    }

    /// Where a slot begins, in values.
    pub(super) fn start(&self, slot: Slot) -> usize {
        self.starts[slot.0]
    }

    /// Values in all.
    pub(super) fn len(&self) -> usize {
        self.len
    }
}
