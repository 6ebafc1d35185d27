//! Blocked feature maps: what callers hand in, and what kernels see of it.

use crate::isa::Isa;
use crate::shared::Shared;
use crate::{KernelError, Size, check};

/// Blocked feature maps to read.
#[derive(Clone, Copy, Debug)]
pub struct Maps<'a> {
    /// Values, `[batch, ⌈channels / lanes⌉, height, width, lanes]`.
    pub data: &'a [f32],
    /// Channels.
    pub channels: usize,
}

/// Blocked feature maps to write.
#[derive(Debug)]
pub struct MapsMut<'a> {
    /// As in [`Maps`].
    pub data: &'a mut [f32],
    /// Channels.
    pub channels: usize,
}

/// One or two sets of feature maps as one: what a concatenation would hold, without copying.
#[derive(Clone, Copy)]
pub(crate) struct Planes {
    first: Shared,
    second: Shared,
    first_blocks: usize,
    second_blocks: usize,
    /// Values of one block of one image.
    plane: usize,
}

impl Planes {
    /// Looks at maps that are only read.
    pub(crate) fn read(parts: &[Maps<'_>], size: Size, isa: Isa) -> Result<Self, KernelError> {
        check("sets of maps", parts.len(), parts.len().clamp(1, 2))?;
        let raw = |part: &Maps<'_>| -> Result<_, KernelError> {
            check(
                "maps",
                part.data.len(),
                size.blocked_len(part.channels, isa),
            )?;
            Ok((Shared::read(part.data), part.channels.div_ceil(isa.lanes())))
        };
        let second = parts.get(1).map(raw).transpose()?;
        Ok(Self::raw(raw(&parts[0])?, second, size, isa))
    }

    /// Looks at maps that are written.
    pub(crate) fn write(
        parts: &mut [MapsMut<'_>],
        size: Size,
        isa: Isa,
    ) -> Result<Self, KernelError> {
        check("sets of maps", parts.len(), parts.len().clamp(1, 2))?;
        let mut raw = [None; 2];
        for (part, raw) in parts.iter_mut().zip(&mut raw) {
            check(
                "maps",
                part.data.len(),
                size.blocked_len(part.channels, isa),
            )?;
            *raw = Some((
                Shared::write(part.data),
                part.channels.div_ceil(isa.lanes()),
            ));
        }
        let [first, second] = raw;
        Ok(Self::raw(
            first.expect("at least one part"),
            second,
            size,
            isa,
        ))
    }

    /// Looks at maps at given addresses, each with its number of blocks.
    pub(crate) fn raw(
        (first, first_blocks): (Shared, usize),
        second: Option<(Shared, usize)>,
        size: Size,
        isa: Isa,
    ) -> Self {
        let (second, second_blocks) = second.unwrap_or((Shared::NULL, 0));
        Self {
            first,
            second,
            first_blocks,
            second_blocks,
            plane: size.pixels() * isa.lanes(),
        }
    }

    /// Blocks of both parts.
    pub(crate) fn blocks(&self) -> usize {
        self.first_blocks + self.second_blocks
    }

    /// Vectors of the whole batch.
    pub(crate) fn vectors(&self, size: Size, isa: Isa) -> usize {
        size.batch * self.blocks() * self.plane / isa.lanes()
    }

    /// Values of one block of one image.
    pub(crate) fn plane(&self) -> usize {
        self.plane
    }

    /// Whether a block and the next one of an image lie one after the other.
    pub(crate) fn adjacent(&self, block: usize) -> bool {
        block + 1 != self.first_blocks
    }

    /// Where a block of an image begins.
    ///
    /// # Safety
    ///
    /// `image` and `block` are in range.
    #[inline(always)]
    pub(crate) unsafe fn at(&self, image: usize, block: usize) -> *mut f32 {
        // SAFETY: `read` and `write` checked the lengths for every image and block in range.
        unsafe {
            if block < self.first_blocks {
                self.first
                    .add((image * self.first_blocks + block) * self.plane)
            } else {
                let block = block - self.first_blocks;
                self.second
                    .add((image * self.second_blocks + block) * self.plane)
            }
        }
    }
}
