//! The blocked layout `[batch, blocks, height, width, lanes]`.
//!
//! A block is as many channels as a vector has lanes, side by side at every pixel, so that one
//! load takes the same pixel of all of them. Channels that do not fill the last block are
//! followed by zeros.

use crate::isa::Isa;
use crate::planes::{Maps, MapsMut, Planes};
use crate::shared::Shared;
use crate::team::{Team, Workspace};
use crate::{Engine, KernelError, Size, check};

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
            plain: Shared::read(plain),
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
            plain: Shared::write(plain),
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
    plain: Shared,
    blocked: Planes,
    channels: usize,
    size: Size,
    unblock: bool,
}

impl Move {
    fn run(&self, isa: Isa, team: &Team) {
        let blocks = self.blocked.blocks();
        let lanes = isa.lanes();
        let Self {
            plain,
            blocked,
            channels,
            size,
            unblock,
        } = *self;
        team.run(Workspace::steps(blocked.vectors(size, isa)), |worker| {
            for task in worker.phase(size.batch * blocks) {
                let (image, block) = (task / blocks, task % blocks);
                let present = (channels - block * lanes).min(lanes);
                let first = (image * channels + block * lanes) * size.pixels();
                // SAFETY: `block` and `unblock` checked both lengths; tasks write to different
                // blocks or, unblocking, to different channels.
                unsafe {
                    let blocked = blocked.at(image, block);
                    let plain = plain.add(first);
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
