//! Winograd or direct.

use crate::Size;
use crate::winograd::Tiling;

/// How a 3×3 convolution is computed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Algorithm {
    /// Winograd where there are tiles enough to pay for the transforms, else direct.
    #[default]
    Auto,
    /// Winograd F(4×4, 3×3).
    Winograd,
    /// Sums of products as they are.
    Direct,
}

/// Tiles below which the transformed weights cost more to read than they save.
const FEWEST_TILES: usize = 8;

impl Algorithm {
    /// Whether maps of `size` go through Winograd's transform.
    pub(super) fn is_winograd(self, size: Size) -> bool {
        match self {
            Self::Auto => {
                Tiling::new(size).count >= FEWEST_TILES && size.height.min(size.width) > 2
            }
            Self::Winograd => true,
            Self::Direct => false,
        }
    }
}
