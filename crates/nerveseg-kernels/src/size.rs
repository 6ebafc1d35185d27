//! The size of a batch of feature maps.

use crate::Isa;

/// Size of a batch of feature maps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Size {
    /// Images.
    pub batch: usize,
    /// Rows.
    pub height: usize,
    /// Columns.
    pub width: usize,
}

impl Size {
    /// Pixels of one map.
    pub fn pixels(self) -> usize {
        // no slice is as long as a saturated product: it is refused, where a wrapped one may fit
        self.height.saturating_mul(self.width)
    }

    /// The size after pooling 2×2; an odd last row or column is dropped.
    #[must_use]
    pub fn halved(self) -> Self {
        Self {
            height: self.height / 2,
            width: self.width / 2,
            ..self
        }
    }

    /// The size after upsampling by two.
    #[must_use]
    pub fn doubled(self) -> Self {
        Self {
            height: self.height.saturating_mul(2),
            width: self.width.saturating_mul(2),
            ..self
        }
    }

    /// Values of `channels` such maps in the layout of `isa`.
    pub fn blocked_len(self, channels: usize, isa: Isa) -> usize {
        let lanes = channels.div_ceil(isa.lanes()).saturating_mul(isa.lanes());
        self.plain_len(lanes)
    }

    /// Values of `channels` such maps, plain.
    pub(crate) fn plain_len(self, channels: usize) -> usize {
        self.batch
            .saturating_mul(channels)
            .saturating_mul(self.pixels())
    }
}
