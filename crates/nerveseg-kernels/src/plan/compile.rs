//! From weights to a program: the plan's way through the network.

use super::program::{Program, Step};
use super::storage::{MapsAt, Slot, Storage};
use super::weights::{LayerWeights, UNetWeights, UpWeights};
use crate::convolution::{Algorithm, Convolution};
use crate::head::Head;
use crate::image::ImageConvolution;
use crate::pointwise::PointwiseConvolution;
use crate::transposed::TransposedConvolution;
use crate::walk::{Block, BlockInput, Input, Interpreter, Up, Wiring, walk};
use crate::{Engine, KernelError, Size, check};

/// Writes the program of a network for images of `padded` size. Each layer's weights are freed as
/// soon as they are packed.
pub(super) fn compile(
    engine: &Engine,
    weights: UNetWeights,
    padded: Size,
    algorithm: Algorithm,
) -> Result<Program, KernelError> {
    let features = weights.features();
    let isa = engine.isa();
    let (storage, slots) = Storage::lay_out(padded, weights.channels(), &features, isa);
    let wiring = Wiring {
        depth: weights.encoder.len(),
        presence: weights.presence.is_some(),
    };
    let mut compiler = Compiler {
        engine,
        algorithm,
        features,
        weights,
        program: Program {
            padded,
            steps: Vec::new(),
            storage,
            slots,
        },
    };
    walk(wiring, &mut compiler, ())?;
    Ok(compiler.program)
}

/// Lays out memory and writes steps as it goes through the network.
struct Compiler<'a> {
    engine: &'a Engine,
    algorithm: Algorithm,
    /// Channels of a level: the slots are as large as these ask for.
    features: Vec<usize>,
    weights: UNetWeights,
    program: Program,
}

impl Compiler<'_> {
    /// Two convolutions, the second into `output` and, pooled, perhaps into another slot.
    fn convolve_twice(
        &mut self,
        block: Block,
        input: Input<(), MapsAt>,
        output: Slot,
        pooled: Option<Slot>,
    ) -> Result<(), KernelError> {
        let level = block.level();
        let [first, second] = match block {
            Block::Encoder { level } => std::mem::take(&mut self.weights.encoder[level]),
            Block::Bottleneck { .. } => std::mem::take(&mut self.weights.bottleneck),
            Block::Decoder { index, .. } => std::mem::take(&mut self.weights.decoder[index]),
        };
        for layer in [&first, &second] {
            check(
                "outputs of a convolution",
                layer.outputs,
                self.features[level],
            )?;
        }
        let middle = self.program.slots.middle;
        match input {
            Input::Image(()) => {
                let channels = [first.inputs, first.outputs];
                let (weights, bias) = (&first.weights, Some(&first.bias[..]));
                let conv = ImageConvolution::new(self.engine, channels, weights, bias)?;
                self.program.steps.push(Step::Image {
                    conv,
                    output: middle,
                });
            }
            Input::Maps(maps) => self.convolve(&first, maps, middle, None)?,
        }
        let maps = MapsAt::one(middle, first.outputs, level);
        drop(first);
        self.convolve(&second, maps, output, pooled)
    }

    fn convolve(
        &mut self,
        layer: &LayerWeights,
        input: MapsAt,
        output: Slot,
        pooled: Option<Slot>,
    ) -> Result<(), KernelError> {
        check("inputs of a convolution", layer.inputs, input.channels())?;
        let padded = self.program.padded;
        // as for one image: then a batch gives each image the same bits as it gets alone
        let alone = Size {
            batch: 1,
            height: padded.height >> input.level,
            width: padded.width >> input.level,
        };
        let conv = Convolution::new(
            self.engine,
            (&input.parts(), layer.outputs),
            &layer.weights,
            Some(&layer.bias),
            alone,
            self.algorithm,
        )?;
        self.program.steps.push(Step::Convolve {
            conv,
            input,
            output,
            pooled,
        });
        Ok(())
    }

    /// A layer that makes one plain map of `input`.
    fn one_output(
        &self,
        what: [&'static str; 2],
        layer: &LayerWeights,
        input: MapsAt,
    ) -> Result<Head, KernelError> {
        check(what[0], layer.inputs, input.channels())?;
        check(what[1], layer.bias.len(), 1)?;
        Head::new(self.engine, layer.inputs, &layer.weights, &layer.bias)
    }
}

impl Interpreter for Compiler<'_> {
    type Image = ();
    type Maps = MapsAt;
    type Logits = ();
    type Presence = ();
    type Error = KernelError;

    fn down(
        &mut self,
        block: Block,
        input: BlockInput<Self>,
    ) -> Result<(MapsAt, MapsAt), KernelError> {
        let (level, slots) = (block.level(), &self.program.slots);
        let (skip, pooled) = (slots.skips[level], slots.end(level + 1));
        self.convolve_twice(block, input, skip, Some(pooled))?;
        let channels = self.features[level];
        Ok((
            MapsAt::one(skip, channels, level),
            MapsAt::one(pooled, channels, level + 1),
        ))
    }

    fn block(&mut self, block: Block, input: BlockInput<Self>) -> Result<MapsAt, KernelError> {
        let level = block.level();
        let output = self.program.slots.end(level);
        self.convolve_twice(block, input, output, None)?;
        Ok(MapsAt::one(output, self.features[level], level))
    }

    fn presence(&mut self, maps: &MapsAt) -> Result<(), KernelError> {
        if let Some(layer) = self.weights.presence.take() {
            let what = ["inputs of `presence`", "outputs of `presence`"];
            let (head, input) = (self.one_output(what, &layer, *maps)?, *maps);
            self.program.steps.push(Step::Presence { head, input });
        }
        Ok(())
    }

    fn up(&mut self, up: Up, maps: MapsAt) -> Result<MapsAt, KernelError> {
        let weights = std::mem::take(&mut self.weights.up[up.index]);
        let layer = weights.layer();
        let channels = [layer.inputs, layer.outputs];
        check("inputs of `up`", layer.inputs, maps.channels())?;
        check("outputs of `up`", layer.outputs, self.features[up.level])?;
        let (engine, values, bias) = (self.engine, &layer.weights, Some(&layer.bias[..]));
        let slots = &self.program.slots;
        let (middle, output) = (slots.middle, slots.end(up.level));
        match weights {
            UpWeights::Bilinear(_) => {
                let conv = PointwiseConvolution::new(engine, channels, values, bias)?;
                self.program.steps.push(Step::Pointwise {
                    conv,
                    input: maps,
                    output: middle,
                });
                self.program.steps.push(Step::Upsample {
                    input: MapsAt::one(middle, channels[1], maps.level),
                    output,
                });
            }
            UpWeights::Transposed(kernel, _) => {
                let conv = TransposedConvolution::new(engine, kernel, channels, values, bias)?;
                self.program.steps.push(Step::Transposed {
                    conv,
                    input: maps,
                    output,
                });
            }
        }
        Ok(MapsAt::one(output, channels[1], up.level))
    }

    /// Nothing is copied: the next convolution reads from both.
    fn join(&mut self, _: Up, skip: MapsAt, maps: MapsAt) -> Result<MapsAt, KernelError> {
        Ok(MapsAt {
            second: Some(maps.first),
            ..skip
        })
    }

    fn head(&mut self, maps: MapsAt) -> Result<(), KernelError> {
        let layer = std::mem::take(&mut self.weights.head);
        let what = ["inputs of `head`", "outputs of `head`"];
        let head = self.one_output(what, &layer, maps)?;
        self.program.steps.push(Step::Head { head, input: maps });
        Ok(())
    }
}
