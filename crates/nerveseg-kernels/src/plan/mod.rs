//! A U-Net compiled for one size: everything folded, fused and laid out beforehand.

mod steps;
mod weights;

use std::sync::{Mutex, PoisonError};

use crate::buffer::Buffer;
use crate::convolution::{Algorithm, Convolution};
use crate::head::Head;
use crate::isa::{Kernel, Tiled};
use crate::stage::Stage as _;
use crate::taps::{TapConvolution, TapKind};
use crate::team::{Need, Worker};
use crate::{Engine, KernelError, Size, check};
use steps::{Running, Step, Storage};
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
    pub(crate) taps: Vec<TapConvolution>,
    pub(crate) head: Option<Head>,
    pub(crate) presence: Option<Head>,
}

impl Plan {
    /// Compiles a network for images of `size`, whose batch is the largest that will be run.
    ///
    /// # Errors
    ///
    /// [`KernelError::Length`] if layers do not fit together.
    pub fn compile(
        engine: &Engine,
        unet: &UNetWeights,
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
    fn lay_out(&mut self, unet: &UNetWeights, algorithm: Algorithm) -> Result<(), KernelError> {
        let depth = unet.encoder.len();
        let blocks: Vec<&[LayerWeights; 2]> =
            unet.encoder.iter().chain([&unet.bottleneck]).collect();
        let levels: Vec<Size> =
            std::iter::successors(Some(self.padded), |size| Some(size.halved()))
                .take(depth + 1)
                .collect();
        let features: Vec<usize> = blocks.iter().map(|block| block[1].outputs).collect();
        let image = self
            .storage
            .plain(self.channels * self.padded.batch * self.padded.pixels());
        let isa = self.engine.isa();
        let mut maps = |level: usize| self.storage.maps(levels[level], features[level], isa);
        let skips: Vec<usize> = (0..depth).map(&mut maps).collect();
        let middles: Vec<usize> = (0..=depth).map(&mut maps).collect();
        let spares: Vec<usize> = (0..=depth).map(&mut maps).collect();

        for (level, block) in blocks.iter().enumerate() {
            let [first, second] = *block;
            if level == 0 {
                let kind = TapKind::Image;
                let conv = self.taps(kind, first)?;
                self.steps.push(Step::Image {
                    conv,
                    input: image,
                    output: middles[0],
                    level,
                });
            } else {
                let conv = self.convolution(&[first.inputs], first, levels[level], algorithm)?;
                self.steps.push(Step::Convolve {
                    conv,
                    input: [Some(spares[level]), None],
                    output: middles[level],
                    pooled: None,
                    level,
                });
            }
            let conv = self.convolution(&[second.inputs], second, levels[level], algorithm)?;
            let (output, pooled) = match skips.get(level) {
                Some(&skip) => (skip, Some(spares[level + 1])),
                None => (spares[level], None),
            };
            self.steps.push(Step::Convolve {
                conv,
                input: [Some(middles[level]), None],
                output,
                pooled,
                level,
            });
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
                input: spares[depth],
                level: depth,
            });
        }
        for (i, (up, block)) in unet.up.iter().zip(&unet.decoder).enumerate() {
            let level = depth - 1 - i;
            let conv = self.taps(up.kind, &up.layer)?;
            if up.kind == TapKind::Pointwise {
                self.steps.push(Step::Taps {
                    conv,
                    input: spares[level + 1],
                    output: middles[level + 1],
                    level: level + 1,
                });
                self.steps.push(Step::Enlarge {
                    input: middles[level + 1],
                    output: spares[level],
                    channels: up.layer.outputs,
                    level: level + 1,
                });
            } else {
                self.steps.push(Step::Taps {
                    conv,
                    input: spares[level + 1],
                    output: spares[level],
                    level: level + 1,
                });
            }
            let [first, second] = block;
            let parts = [features[level], up.layer.outputs];
            let conv = self.convolution(&parts, first, levels[level], algorithm)?;
            self.steps.push(Step::Convolve {
                conv,
                input: [Some(skips[level]), Some(spares[level])],
                output: middles[level],
                pooled: None,
                level,
            });
            let conv = self.convolution(&[second.inputs], second, levels[level], algorithm)?;
            self.steps.push(Step::Convolve {
                conv,
                input: [Some(middles[level]), None],
                output: spares[level],
                pooled: None,
                level,
            });
        }
        let LayerWeights {
            inputs,
            weights,
            bias,
            ..
        } = &unet.head;
        self.layers.head = Some(Head::new(&self.engine, *inputs, weights, bias)?);
        self.steps.push(Step::Head { input: spares[0] });
        Ok(())
    }

    fn taps(&mut self, kind: TapKind, layer: &LayerWeights) -> Result<usize, KernelError> {
        let channels = [layer.inputs, layer.outputs];
        let conv = TapConvolution::new(
            &self.engine,
            kind,
            channels,
            &layer.weights,
            Some(&layer.bias),
        )?;
        self.layers.taps.push(conv);
        Ok(self.layers.taps.len() - 1)
    }

    fn convolution(
        &mut self,
        parts: &[usize],
        layer: &LayerWeights,
        size: Size,
        algorithm: Algorithm,
    ) -> Result<usize, KernelError> {
        check("inputs of a convolution", layer.inputs, parts.iter().sum())?;
        let conv = Convolution::for_batches(
            &self.engine,
            (parts, layer.outputs),
            &layer.weights,
            Some(&layer.bias),
            size,
            algorithm,
        )?;
        self.layers.convolutions.push(conv);
        Ok(self.layers.convolutions.len() - 1)
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
        let base = arena.as_mut_ptr();
        let running = Running {
            plan: self,
            arena: base,
            images: used.map_or(std::ptr::null(), <[f32]>::as_ptr),
            probabilities: if padding {
                // SAFETY: the arena holds a place for the padded output.
                unsafe { base.add(probabilities_at) }
            } else {
                probabilities.as_mut_ptr()
            },
            presence: presence.as_mut_ptr(),
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
        let need = self
            .steps
            .iter()
            .map(|step| running.stage(step).need(isa))
            .fold(Need::default(), Need::and);
        self.engine
            .team()
            .run(need, |worker| isa.run(Execute { running, worker }));
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
