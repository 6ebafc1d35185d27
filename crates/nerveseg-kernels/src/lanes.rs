//! Which channel lies in which lane.

use crate::buffer::Buffer;
use crate::isa::Isa;
use crate::{KernelError, check};

/// Which channel lies in which lane when maps are blocked part by part.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Lanes(Vec<Option<usize>>);

impl Lanes {
    /// Lanes of `parts` channels each, one part after the other.
    pub(crate) fn new(parts: &[usize], isa: Isa) -> Self {
        let mut lanes = Vec::new();
        let mut channel = 0;
        for &channels in parts {
            let padded = channels.next_multiple_of(isa.lanes());
            lanes.extend((0..padded).map(|lane| (lane < channels).then_some(channel + lane)));
            channel += channels;
        }
        Self(lanes)
    }

    /// Channels of plain planes, which are not blocked.
    pub(crate) fn unpadded(channels: usize) -> Self {
        Self((0..channels).map(Some).collect())
    }

    /// Number of lanes.
    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    /// One value a channel, in the lanes of the channels; all zero if there are none.
    pub(crate) fn spread(&self, values: Option<&[f32]>) -> Result<Buffer, KernelError> {
        let mut spread = Buffer::zeros(self.len());
        if let Some(values) = values {
            check(
                "values of channels",
                values.len(),
                self.0.iter().flatten().count(),
            )?;
            for (to, channel) in spread.as_mut_slice().iter_mut().zip(&self.0) {
                *to = channel.map_or(0.0, |channel| values[channel]);
            }
        }
        Ok(spread)
    }

    /// The channel in `lane`, if it is not padding.
    pub(crate) fn channel(&self, lane: usize) -> Option<usize> {
        self.0[lane]
    }
}
