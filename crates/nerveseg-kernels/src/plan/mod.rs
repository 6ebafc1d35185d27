//! A U-Net compiled for one size: everything folded, fused and laid out beforehand.

mod steps;
mod weights;

use std::sync::{Mutex, PoisonError};

use crate::buffer::Buffer;
use crate::convolution::{Algorithm, Convolution};
use crate::head::Head;
use crate::image::ImageConvolution;
use crate::isa::Kernel;
use crate::pointwise::PointwiseConvolution;
use crate::shared::Shared;
use crate::stage::Stage as _;
use crate::team::{Worker, Workspace};
use crate::tile::Tiled;
use crate::transposed::TransposedConvolution;
use crate::{Engine, KernelError, Size, check};
use steps::{Places, Running, Step, Storage};
pub use weights::{LayerWeights, NormWeights, UNetWeights, UpWeights};

/// A network ready to run on batches of up to a given size.
#[derive(Debug)]
pub struct Plan {
    engine: Engine,
    /// Of an image, as given, with the largest batch.
    size: Size,
    /// Rounded up to what the network can halve.
    padded: Size,
    channels: usize,
    steps: Vec<Step>,
    layers: Layers,
    storage: Storage,
    arena: Mutex<Buffer>,
}

/// The packed weights of a plan.
#[derive(Debug, Default)]
pub(crate) struct Layers {
    pub(crate) convolutions: Vec<Convolution>,
    pub(crate) image: Option<ImageConvolution>,
    pub(crate) pointwise: Vec<PointwiseConvolution>,
    pub(crate) transposed: Vec<TransposedConvolution>,
    pub(crate) head: Option<Head>,
    pub(crate) presence: Option<Head>,
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
        let mut plan = Self {
            engine: engine.clone(),
            size,
            padded,
            channels: unet.encoder.first().unwrap_or(&unet.bottleneck)[0].inputs,
            steps: Vec::new(),
            layers: Layers::default(),
            storage: Storage::default(),
            arena: Mutex::default(),
        };
        plan.lay_out(unet, algorithm)?;
        *plan.arena.get_mut().unwrap_or_else(PoisonError::into_inner) =
            Buffer::zeros(plan.storage.len());
        Ok(plan)
    }

    /// Writes the steps: two convolutions a level down, two a level up.
    fn lay_out(&mut self, unet: UNetWeights, algorithm: Algorithm) -> Result<(), KernelError> {
        let depth = unet.encoder.len();
        let blocks = || unet.encoder.iter().chain([&unet.bottleneck]);
        let features: Vec<usize> = blocks().map(|block| block[1].outputs).collect();
        let places = self
            .storage
            .places(self.padded, self.channels, &features, self.engine.isa());
        let blocks = unet.encoder.into_iter().chain([unet.bottleneck]);
        for (level, block) in blocks.enumerate() {
            self.down(block, level, &places, algorithm)?;
        }
        if let Some(presence) = &unet.presence {
            let head = Head::new(
                &self.engine,
                presence.inputs,
                &presence.weights,
                &presence.bias,
            )?;
            self.layers.presence = Some(head);
            self.steps.push(Step::Presence {
                input: places.spare(depth),
                level: depth,
            });
        }
        let levels = (0..depth).rev();
        for ((up, block), level) in unet.up.into_iter().zip(unet.decoder).zip(levels) {
            self.upsample(&up, level, &places)?;
            let [first, second] = &block;
            let parts = [features[level], up.layer().outputs];
            let both = [Some(places.skips[level]), Some(places.spare(level))];
            self.convolve(
                (&parts, first),
                both,
                (places.middle, None),
                level,
                algorithm,
            )?;
            let (input, output) = ([Some(places.middle), None], (places.spare(level), None));
            self.convolve((&[second.inputs], second), input, output, level, algorithm)?;
        }
        let LayerWeights {
            inputs,
            weights,
            bias,
            ..
        } = &unet.head;
        self.layers.head = Some(Head::new(&self.engine, *inputs, weights, bias)?);
        self.steps.push(Step::Head {
            input: places.spare(0),
        });
        Ok(())
    }

    /// A level of the encoder, or the bottleneck.
    fn down(
        &mut self,
        block: [LayerWeights; 2],
        level: usize,
        places: &Places,
        algorithm: Algorithm,
    ) -> Result<(), KernelError> {
        let [first, second] = &block;
        if level == 0 {
            self.layers.image = Some(ImageConvolution::new(
                &self.engine,
                [first.inputs, first.outputs],
                &first.weights,
                Some(&first.bias),
            )?);
            self.steps.push(Step::Image {
                input: places.image,
                output: places.middle,
                level,
            });
        } else {
            let (input, output) = ([Some(places.spare(level)), None], (places.middle, None));
            self.convolve((&[first.inputs], first), input, output, level, algorithm)?;
        }
        let output = match places.skips.get(level) {
            Some(&skip) => (skip, Some(places.spare(level + 1))),
            None => (places.spare(level), None),
        };
        let input = [Some(places.middle), None];
        self.convolve((&[second.inputs], second), input, output, level, algorithm)
    }

    /// The way from the level below up to `level`.
    fn upsample(
        &mut self,
        up: &UpWeights,
        level: usize,
        places: &Places,
    ) -> Result<(), KernelError> {
        let layer = up.layer();
        let channels = [layer.inputs, layer.outputs];
        let (weights, bias) = (&layer.weights, Some(&layer.bias[..]));
        let (input, upsampled) = (places.spare(level + 1), places.spare(level));
        let level = level + 1;
        match up {
            UpWeights::Bilinear(_) => {
                let conv = PointwiseConvolution::new(&self.engine, channels, weights, bias)?;
                self.layers.pointwise.push(conv);
                self.steps.push(Step::Pointwise {
                    conv: self.layers.pointwise.len() - 1,
                    input,
                    output: places.middle,
                    level,
                });
                self.steps.push(Step::Upsample {
                    input: places.middle,
                    output: upsampled,
                    channels: layer.outputs,
                    level,
                });
            }
            UpWeights::Transposed(kernel, _) => {
                let engine = &self.engine;
                let conv = TransposedConvolution::new(engine, *kernel, channels, weights, bias)?;
                self.layers.transposed.push(conv);
                self.steps.push(Step::Transposed {
                    conv: self.layers.transposed.len() - 1,
                    input,
                    output: upsampled,
                    level,
                });
            }
        }
        Ok(())
    }

    /// A 3×3 convolution of `input` into a place and, pooled, perhaps into another.
    fn convolve(
        &mut self,
        (parts, layer): (&[usize], &LayerWeights),
        input: [Option<usize>; 2],
        (output, pooled): (usize, Option<usize>),
        level: usize,
        algorithm: Algorithm,
    ) -> Result<(), KernelError> {
        check("inputs of a convolution", layer.inputs, parts.iter().sum())?;
        // as for one image: then a batch gives each image the same bits as it gets alone
        let alone = Size {
            batch: 1,
            height: self.padded.height >> level,
            width: self.padded.width >> level,
        };
        let conv = Convolution::new(
            &self.engine,
            (parts, layer.outputs),
            &layer.weights,
            Some(&layer.bias),
            alone,
            algorithm,
        )?;
        self.layers.convolutions.push(conv);
        self.steps.push(Step::Convolve {
            conv: self.layers.convolutions.len() - 1,
            input,
            output,
            pooled,
            level,
        });
        Ok(())
    }

    /// The size of an image, and the largest batch.
    pub fn size(&self) -> Size {
        self.size
    }

    /// Whether it writes a presence.
    pub fn has_presence(&self) -> bool {
        self.layers.presence.is_some()
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
        let mut arena = self.arena.lock().unwrap_or_else(PoisonError::into_inner);
        let arena = arena.as_mut_slice();
        let padding = self.padded.pixels() != self.size.pixels();
        if padding {
            let planes = images.chunks_exact(self.size.pixels());
            let to = arena[self.storage.start(0)..].chunks_exact_mut(self.padded.pixels());
            for (plane, to) in planes.zip(to) {
                self.pad(plane, to);
            }
        }
        let (used, probabilities_at) = if padding {
            (None, self.storage.start_of_output())
        } else {
            (Some(images), 0)
        };
        let base = Shared::write(arena);
        let running = Running {
            plan: self,
            arena: base,
            images: used.map(Shared::read),
            probabilities: if padding {
                // SAFETY: the arena holds a place for the padded output.
                Shared::at(unsafe { base.add(probabilities_at) })
            } else {
                Shared::write(probabilities)
            },
            presence: Shared::write(presence),
            batch,
        };
        self.execute(&running);
        if padding {
            let planes = arena[probabilities_at..].chunks_exact(self.padded.pixels());
            for (plane, to) in planes.zip(probabilities.chunks_exact_mut(self.size.pixels())) {
                self.crop(plane, to);
            }
        }
        Ok(())
    }

    fn execute(&self, running: &Running<'_>) {
        let isa = self.engine.isa();
        let workspace = self
            .steps
            .iter()
            .map(|step| running.stage(step).workspace(isa))
            .fold(Workspace::default(), Workspace::and);
        self.engine
            .team()
            .run(workspace, |worker| isa.run(Execute { running, worker }));
    }

    fn pad(&self, plane: &[f32], to: &mut [f32]) {
        to.fill(0.0);
        let rows = to.chunks_exact_mut(self.padded.width);
        for (row, to) in plane.chunks_exact(self.size.width).zip(rows) {
            to[..self.size.width].copy_from_slice(row);
        }
    }

    fn crop(&self, plane: &[f32], to: &mut [f32]) {
        let rows = plane.chunks_exact(self.padded.width);
        for (row, to) in rows.zip(to.chunks_exact_mut(self.size.width)) {
            to.copy_from_slice(&row[..self.size.width]);
        }
    }
}

/// Every step after the other, on every thread.
struct Execute<'a> {
    running: &'a Running<'a>,
    worker: &'a Worker<'a>,
}

impl Kernel for Execute<'_> {
    #[inline(always)]
    unsafe fn run<S: Tiled>(self) {
        for step in &self.running.plan.steps {
            // SAFETY: `lay_out` gave every step maps of its size, and `execute` the memory that
            // the largest of them needs.
            unsafe { self.running.stage(step).work::<S>(self.worker) }
        }
    }
}
