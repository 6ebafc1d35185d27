//! One step of a plan, and where its maps lie in the arena.

use super::Plan;
use crate::Size;
use crate::buffer::Buffer;
use crate::convolution::ConvolutionStage;
use crate::direct::DirectForward;
use crate::head::{HeadStage, PresenceStage};
use crate::isa::Isa;
use crate::planes::Planes;
use crate::pool::Pool;
use crate::shared::Shared;
use crate::stage::Stage;
use crate::team::{Worker, Workspace};
use crate::tile::Tiled;
use crate::upsample::Upsample;

/// What is done at one point of the network. Numbers without a name of their own are places in
/// [`Storage`].
#[derive(Clone, Copy, Debug)]
pub(super) enum Step {
    Image {
        input: usize,
        output: usize,
        level: usize,
    },
    Convolve {
        conv: usize,
        input: [Option<usize>; 2],
        output: usize,
        pooled: Option<usize>,
        level: usize,
    },
    Pointwise {
        conv: usize,
        input: usize,
        output: usize,
        level: usize,
    },
    Transposed {
        conv: usize,
        input: usize,
        output: usize,
        level: usize,
    },
    Upsample {
        input: usize,
        output: usize,
        channels: usize,
        level: usize,
    },
    Presence {
        input: usize,
        level: usize,
    },
    Head {
        input: usize,
    },
}

/// Where the maps of a network lie.
#[derive(Debug)]
pub(super) struct Places {
    pub(super) image: usize,
    /// What each level of the encoder keeps for the decoder.
    pub(super) skips: Vec<usize>,
    /// Between the two convolutions of a level; one level at a time is there.
    pub(super) middle: usize,
    /// What a level begins and ends with; the way to the next level needs those of both.
    spares: [usize; 2],
}

impl Places {
    pub(super) fn spare(&self, level: usize) -> usize {
        self.spares[level % 2]
    }
}

/// The arena: where each set of maps begins.
#[derive(Debug, Default)]
pub(super) struct Storage {
    places: Vec<usize>,
    len: usize,
    output: usize,
}

impl Storage {
    fn take(&mut self, len: usize) -> usize {
        self.places.push(self.len);
        // a line more than a power of two: maps of one place in a cache set would collide
        self.len += len.next_multiple_of(Buffer::LINE) + 5 * Buffer::LINE;
        self.places.len() - 1
    }

    /// Room for plain planes of the padded image, and as much for the output.
    pub(super) fn plain(&mut self, len: usize) -> usize {
        let place = self.take(len);
        let output = self.take(len);
        self.output = self.places[output];
        place
    }

    /// Room for all maps of a network with these channels a level.
    pub(super) fn places(
        &mut self,
        size: Size,
        channels: usize,
        features: &[usize],
        isa: Isa,
    ) -> Places {
        let image = self.plain(channels * size.batch * size.pixels());
        let sizes = std::iter::successors(Some(size), |size| Some(size.halved()));
        let lens: Vec<usize> = sizes
            .zip(features)
            .map(|(size, &features)| size.blocked_len(features, isa))
            .collect();
        let skips = lens[..lens.len() - 1]
            .iter()
            .map(|&len| self.take(len))
            .collect();
        let largest = |lens: &mut dyn Iterator<Item = &usize>| lens.copied().max().unwrap_or(0);
        Places {
            image,
            skips,
            middle: self.take(largest(&mut lens.iter())),
            spares: [0, 1].map(|first| self.take(largest(&mut lens.iter().skip(first).step_by(2)))),
        }
    }

    pub(super) fn start(&self, place: usize) -> usize {
        self.places[place]
    }

    /// Where the padded output begins.
    pub(super) fn start_of_output(&self) -> usize {
        self.output
    }

    pub(super) fn len(&self) -> usize {
        self.len
    }
}

/// A plan with its arena and the caller's slices.
pub(super) struct Running<'a> {
    pub(super) plan: &'a Plan,
    pub(super) arena: Shared,
    /// `None` where the images were padded into the arena.
    pub(super) images: Option<Shared>,
    pub(super) probabilities: Shared,
    pub(super) presence: Shared,
    pub(super) batch: usize,
}

impl Running<'_> {
    fn size(&self, level: usize) -> Size {
        let padded = self.plan.padded;
        Size {
            batch: self.batch,
            height: padded.height >> level,
            width: padded.width >> level,
        }
    }

    fn at(&self, place: usize) -> Shared {
        // SAFETY: places lie inside the arena.
        Shared::at(unsafe { self.arena.add(self.plan.storage.start(place)) })
    }

    /// Maps of `lanes` lanes at one or two places.
    fn planes(&self, parts: [Option<(usize, usize)>; 2], level: usize) -> Planes {
        let isa = self.plan.engine.isa();
        let raw = parts.map(|part| {
            part.map(|(place, channels)| (self.at(place), channels.div_ceil(isa.lanes())))
        });
        let [first, second] = raw;
        Planes::raw(
            first.expect("a step has an input"),
            second,
            self.size(level),
            isa,
        )
    }

    /// The step's stage for this batch.
    pub(super) fn stage(&self, step: &Step) -> AnyStage<'_> {
        let layers = &self.plan.layers;
        match *step {
            Step::Image {
                input,
                output,
                level,
            } => {
                let conv = layers.image.as_ref().expect("every network has it");
                let images = self.images.unwrap_or_else(|| self.at(input));
                let output = self.planes([Some((output, conv.channels()[1])), None], level);
                AnyStage::Direct(conv.stage(images, output, self.size(level), true))
            }
            Step::Convolve {
                conv,
                input,
                output,
                pooled,
                level,
            } => {
                let conv = &layers.convolutions[conv];
                let mut parts = conv.parts().iter().copied();
                let input = input.map(|place| place.zip(parts.next()));
                let input = self.planes(input, level);
                let outputs = conv.channels_out();
                let output = self.planes([Some((output, outputs)), None], level);
                let pooled =
                    pooled.map(|place| self.planes([Some((place, outputs)), None], level + 1));
                let size = self.size(level);
                let fused = pooled.filter(|_| conv.is_winograd());
                let alone = pooled.filter(|_| fused.is_none());
                AnyStage::Convolve(
                    conv.stage_at(size, input, output, true, fused),
                    alone.map(|pooled| Pool {
                        input: output,
                        output: pooled,
                        size,
                    }),
                )
            }
            Step::Pointwise {
                conv,
                input,
                output,
                level,
            } => {
                let conv = &layers.pointwise[conv];
                let [inputs, outputs] = conv.channels();
                let input = self.planes([Some((input, inputs)), None], level);
                let output = self.planes([Some((output, outputs)), None], level);
                AnyStage::Direct(conv.stage(input, output, self.size(level)))
            }
            Step::Transposed {
                conv,
                input,
                output,
                level,
            } => {
                let conv = &layers.transposed[conv];
                let [inputs, outputs] = conv.channels();
                let input = self.planes([Some((input, inputs)), None], level);
                let output = self.planes([Some((output, outputs)), None], level - 1);
                AnyStage::Direct(conv.stage(input, output, self.size(level)))
            }
            Step::Upsample {
                input,
                output,
                channels,
                level,
            } => AnyStage::Upsample(Upsample {
                input: self.planes([Some((input, channels)), None], level),
                output: self.planes([Some((output, channels)), None], level - 1),
                size: self.size(level),
                adjoint: false,
            }),
            Step::Presence { input, level } => {
                let head = layers
                    .presence
                    .as_ref()
                    .expect("a step for the head there is");
                let input = self.planes([Some((input, head.channels())), None], level);
                AnyStage::Presence(head.presence_stage(input, self.presence, self.size(level)))
            }
            Step::Head { input } => {
                let head = layers.head.as_ref().expect("every network has it");
                let input = self.planes([Some((input, head.channels())), None], 0);
                AnyStage::Head(head.stage(input, self.probabilities, self.size(0), true))
            }
        }
    }
}

/// Any stage of a plan.
pub(super) enum AnyStage<'a> {
    Convolve(ConvolutionStage<'a>, Option<Pool>),
    Direct(DirectForward<'a>),
    Upsample(Upsample),
    Presence(PresenceStage<'a>),
    Head(HeadStage<'a>),
}

impl Stage for AnyStage<'_> {
    fn workspace(&self, isa: Isa) -> Workspace {
        match self {
            Self::Convolve(stage, _) => stage.workspace(isa),
            Self::Direct(stage) => stage.workspace(isa),
            Self::Upsample(_) | Self::Presence(_) | Self::Head(_) => Workspace::default(),
        }
    }

    #[inline(always)]
    unsafe fn work<S: Tiled>(&self, worker: &Worker<'_>) {
        // SAFETY: the caller's promise.
        unsafe {
            match self {
                Self::Convolve(stage, pool) => {
                    stage.work::<S>(worker);
                    if let Some(pool) = pool {
                        pool.work::<S>(worker);
                    }
                }
                Self::Direct(stage) => stage.work::<S>(worker),
                Self::Upsample(stage) => stage.work::<S>(worker),
                Self::Presence(stage) => stage.work::<S>(worker),
                Self::Head(stage) => stage.work::<S>(worker),
            }
        }
    }
}
