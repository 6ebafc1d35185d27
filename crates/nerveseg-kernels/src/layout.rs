//! The blocked layout `[batch, blocks, height, width, lanes]`.
//!
//! A block is as many channels as a vector has lanes, side by side at every pixel, so that one
//! load takes the same pixel of all of them. Channels that do not fill the last block are
//! followed by zeros.

use crate::buffer::Buffer;
use crate::isa::Isa;
use crate::team::{Need, Shared, Team};
use crate::{Engine, KernelError, check};

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

    /// The size after enlarging by two.
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
    first: *mut f32,
    second: *mut f32,
    first_blocks: usize,
    second_blocks: usize,
    /// Values of one block of one image.
    plane: usize,
}

// SAFETY: only addresses; see `Shared`.
unsafe impl Send for Planes {}
// SAFETY: as above.
unsafe impl Sync for Planes {}

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
            Ok((
                part.data.as_ptr().cast_mut(),
                part.channels.div_ceil(isa.lanes()),
            ))
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
            *raw = Some((part.data.as_mut_ptr(), part.channels.div_ceil(isa.lanes())));
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
        (first, first_blocks): (*mut f32, usize),
        second: Option<(*mut f32, usize)>,
        size: Size,
        isa: Isa,
    ) -> Self {
        let (second, second_blocks) = second.unwrap_or((std::ptr::null_mut(), 0));
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

impl Engine {
    /// Blocks plain feature maps.
    ///
    /// # Shapes
    ///
    /// - `plain`: `[batch, channels, height, width]`
    /// - `blocked`: `[batch, ⌈channels / lanes⌉, height, width, lanes]`
    ///
    /// # Errors
    ///
    /// [`KernelError::Length`] if a slice has another length than its shape.
    pub fn block(
        &self,
        plain: &[f32],
        blocked: MapsMut<'_>,
        size: Size,
    ) -> Result<(), KernelError> {
        let channels = blocked.channels;
        check("plain maps", plain.len(), size.plain_len(channels))?;
        let blocked = Planes::write(&mut [blocked], size, self.isa())?;
        let task = Move {
            plain: plain.as_ptr().cast_mut(),
            blocked,
            channels,
            size,
            unblock: false,
        };
        task.run(self.isa(), self.team());
        Ok(())
    }

    /// Brings blocked feature maps back to the plain layout.
    ///
    /// # Shapes
    ///
    /// As in [`block`](Self::block).
    ///
    /// # Errors
    ///
    /// As [`block`](Self::block).
    pub fn unblock(
        &self,
        blocked: Maps<'_>,
        plain: &mut [f32],
        size: Size,
    ) -> Result<(), KernelError> {
        let channels = blocked.channels;
        check("plain maps", plain.len(), size.plain_len(channels))?;
        let task = Move {
            plain: plain.as_mut_ptr(),
            blocked: Planes::read(&[blocked], size, self.isa())?,
            channels,
            size,
            unblock: true,
        };
        task.run(self.isa(), self.team());
        Ok(())
    }
}

/// Moves values between the layouts.
struct Move {
    plain: *mut f32,
    blocked: Planes,
    channels: usize,
    size: Size,
    unblock: bool,
}

impl Move {
    fn run(&self, isa: Isa, team: &Team) {
        let blocks = self.blocked.blocks();
        let lanes = isa.lanes();
        let plain = Shared::at(self.plain);
        let (blocked, channels, size, unblock) =
            (self.blocked, self.channels, self.size, self.unblock);
        team.run(Need::steps(blocked.vectors(size, isa)), |worker| {
            for task in worker.phase(size.batch * blocks) {
                let (image, block) = (task / blocks, task % blocks);
                let present = (channels - block * lanes).min(lanes);
                let first = (image * channels + block * lanes) * size.pixels();
                // SAFETY: `block` and `unblock` checked both lengths; tasks write to different
                // blocks or, unblocking, to different channels.
                unsafe {
                    let blocked = blocked.at(image, block);
                    let plain = plain.get().add(first);
                    for pixel in 0..size.pixels() {
                        for lane in 0..lanes {
                            let inner = blocked.add(pixel * lanes + lane);
                            if lane >= present {
                                if !unblock {
                                    *inner = 0.0;
                                }
                                continue;
                            }
                            let outer = plain.add(lane * size.pixels() + pixel);
                            if unblock {
                                *outer = *inner;
                            } else {
                                *inner = *outer;
                            }
                        }
                    }
                }
            }
        });
    }
}
