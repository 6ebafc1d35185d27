//! A U-Net compiled for one size: everything folded, fused and laid out beforehand.

mod compile;
mod program;
mod running;
mod storage;
mod weights;

use std::sync::{Mutex, PoisonError};

use crate::buffer::Buffer;
use crate::convolution::Algorithm;
use crate::shared::Shared;
use crate::{Engine, KernelError, Size, check};
use program::{Program, Step};
use running::Running;
pub use weights::{LayerWeights, NormWeights, UNetWeights, UpWeights};

/// A network ready to run on batches of up to a given size.
#[derive(Debug)]
pub struct Plan {
    engine: Engine,
    /// Of an image, as given, with the largest batch.
    size: Size,
    /// Of the image.
    channels: usize,
    program: Program,
    arena: Mutex<Buffer>,
}

impl Plan {
    /// Compiles a network for images of `size`, whose batch is the largest that will be run. Each
    /// layer's weights are freed as soon as they are packed.
    ///
    /// # Errors
    ///
    /// [`KernelError::Length`] if layers do not fit together.
    pub fn compile(
        engine: &Engine,
        unet: UNetWeights,
        size: Size,
        algorithm: Algorithm,
    ) -> Result<Self, KernelError> {
        let depth = unet.encoder.len();
        check("levels of `up`", unet.up.len(), depth)?;
        check("levels of `decoder`", unet.decoder.len(), depth)?;
        let padded = Size {
            height: size.height.next_multiple_of(1 << depth),
            width: size.width.next_multiple_of(1 << depth),
            ..size
        };
        let channels = unet.channels();
        let program = compile::compile(engine, unet, padded, algorithm)?;
        Ok(Self {
            engine: engine.clone(),
            size,
            channels,
            arena: Mutex::new(Buffer::zeros(program.storage.len())),
            program,
        })
    }

    /// The size of an image, and the largest batch.
    pub fn size(&self) -> Size {
        self.size
    }

    /// Whether it writes a presence.
    pub fn has_presence(&self) -> bool {
        self.program
            .steps
            .iter()
            .any(|step| matches!(step, Step::Presence { .. }))
    }

    /// Runs the network on `presence.len()` images.
    ///
    /// # Shapes
    ///
    /// - `images`: `[batch, channels, height, width]`
    /// - `probabilities`: `[batch, 1, height, width]`
    /// - `presence`: `[batch]`; left alone if the network does not have that head
    ///
    /// # Errors
    ///
    /// [`KernelError::Length`], also for a batch larger than the plan's.
    pub fn run(
        &self,
        images: &[f32],
        probabilities: &mut [f32],
        presence: &mut [f32],
    ) -> Result<(), KernelError> {
        let batch = presence.len();
        let image = self.channels * self.size.pixels();
        check("images", images.len(), batch * image)?;
        check(
            "probabilities",
            probabilities.len(),
            batch * self.size.pixels(),
        )?;
        if batch > self.size.batch {
            return Err(KernelError::Length {
                what: "batch",
                found: batch,
                expected: self.size.batch,
            });
        }
        let Program {
            padded,
            storage,
            slots,
            ..
        } = &self.program;
        let mut arena = self.arena.lock().unwrap_or_else(PoisonError::into_inner);
        let arena = arena.as_mut_slice();
        let padding = padded.pixels() != self.size.pixels();
        if padding {
            let planes = images.chunks_exact(self.size.pixels());
            let to = arena[storage.start(slots.images)..].chunks_exact_mut(padded.pixels());
            for (plane, to) in planes.zip(to) {
                self.pad(plane, to);
            }
        }
        let base = Shared::write(arena);
        // SAFETY: slots lie inside the arena.
        let at = |slot| Shared::at(unsafe { base.add(storage.start(slot)) });
        let running = Running {
            program: &self.program,
            isa: self.engine.isa(),
            arena: base,
            images: if padding {
                at(slots.images)
            } else {
                Shared::read(images)
            },
            probabilities: if padding {
                at(slots.output)
            } else {
                Shared::write(probabilities)
            },
            presence: Shared::write(presence),
            batch,
        };
        // SAFETY: `compile` made the arena for the program; lengths were checked above, and where
        // the images are padded, images and probabilities lie in the arena.
        unsafe { running.run(self.engine.team()) };
        if padding {
            let planes = arena[storage.start(slots.output)..].chunks_exact(padded.pixels());
            for (plane, to) in planes.zip(probabilities.chunks_exact_mut(self.size.pixels())) {
                self.crop(plane, to);
            }
        }
        Ok(())
    }

    fn pad(&self, plane: &[f32], to: &mut [f32]) {
        to.fill(0.0);
        let rows = to.chunks_exact_mut(self.program.padded.width);
        for (row, to) in plane.chunks_exact(self.size.width).zip(rows) {
            to[..self.size.width].copy_from_slice(row);
        }
    }

    fn crop(&self, plane: &[f32], to: &mut [f32]) {
        let rows = plane.chunks_exact(self.program.padded.width);
        for (row, to) in rows.zip(to.chunks_exact_mut(self.size.width)) {
            to.copy_from_slice(&row[..self.size.width]);
        }
    }
}
