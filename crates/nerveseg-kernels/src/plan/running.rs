//! A program at work on a batch.

use super::program::{Program, Step};
use super::storage::{MapsAt, Slot};
use crate::Size;
use crate::convolution::ConvolutionStage;
use crate::direct::DirectForward;
use crate::head::{HeadStage, PresenceStage};
use crate::isa::{Isa, Kernel};
use crate::planes::Planes;
use crate::pool::Pool;
use crate::shared::Shared;
use crate::stage::Stage;
use crate::team::{Team, Worker, Workspace};
use crate::tile::Tiled;
use crate::upsample::Upsample;

/// A program with its arena and the caller's slices.
pub(super) struct Running<'a> {
    pub(super) program: &'a Program,
    pub(super) isa: Isa,
    pub(super) arena: Shared,
    pub(super) images: Shared,
    pub(super) probabilities: Shared,
    pub(super) presence: Shared,
    pub(super) batch: usize,
}

impl Running<'_> {
    /// Takes every step, on every thread.
    ///
    /// # Safety
    ///
    /// The arena is as long as the program's storage; the images and probabilities hold planes of
    /// its padded size, and presence a value, for each image of the batch, which is not larger
    /// than the program's.
    pub(super) unsafe fn run(&self, team: &Team) {
        let workspace = self
            .program
            .steps
            .iter()
            .map(|step| self.stage(step).workspace(self.isa))
            .fold(Workspace::default(), Workspace::and);
        team.run(workspace, |worker| {
            self.isa.run(Steps {
                running: self,
                worker,
            });
        });
    }

    fn size(&self, level: usize) -> Size {
        let padded = self.program.padded;
        Size {
            batch: self.batch,
            height: padded.height >> level,
            width: padded.width >> level,
        }
    }

    fn at(&self, slot: Slot) -> Shared {
        // SAFETY: slots lie inside the arena.
        Shared::at(unsafe { self.arena.add(self.program.storage.start(slot)) })
    }

    fn planes(&self, maps: MapsAt) -> Planes {
        let raw =
            |(slot, channels): (Slot, usize)| (self.at(slot), channels.div_ceil(self.isa.lanes()));
        let second = maps.second.map(raw);
        Planes::raw(raw(maps.first), second, self.size(maps.level), self.isa)
    }

    /// The step's stage for this batch.
    fn stage<'a>(&self, step: &'a Step) -> AnyStage<'a> {
        match step {
            Step::Image { conv, output } => {
                let [_, channels] = conv.channels();
                let output = self.planes(MapsAt::one(*output, channels, 0));
                AnyStage::Direct(conv.stage(self.images, output, self.size(0), true))
            }
            Step::Convolve {
                conv,
                input,
                output,
                pooled,
            } => {
                let (level, channels) = (input.level, conv.channels_out());
                let output = self.planes(MapsAt::one(*output, channels, level));
                let pooled = pooled.map(|slot| self.planes(MapsAt::one(slot, channels, level + 1)));
                let (input, size) = (self.planes(*input), self.size(level));
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
            } => {
                let [_, channels] = conv.channels();
                let output = self.planes(MapsAt::one(*output, channels, input.level));
                let size = self.size(input.level);
                AnyStage::Direct(conv.stage(self.planes(*input), output, size))
            }
            Step::Transposed {
                conv,
                input,
                output,
            } => {
                let [_, channels] = conv.channels();
                let output = self.planes(MapsAt::one(*output, channels, input.level - 1));
                let size = self.size(input.level);
                AnyStage::Direct(conv.stage(self.planes(*input), output, size))
            }
            Step::Upsample { input, output } => {
                let upsampled = MapsAt::one(*output, input.channels(), input.level - 1);
                AnyStage::Upsample(Upsample {
                    input: self.planes(*input),
                    output: self.planes(upsampled),
                    size: self.size(input.level),
                    adjoint: false,
                })
            }
            Step::Presence { head, input } => {
                let size = self.size(input.level);
                AnyStage::Presence(head.presence_stage(self.planes(*input), self.presence, size))
            }
            Step::Head { head, input } => {
                let size = self.size(input.level);
                AnyStage::Head(head.stage(self.planes(*input), self.probabilities, size, true))
            }
        }
    }
}

/// Every step after the other.
struct Steps<'a> {
    running: &'a Running<'a>,
    worker: &'a Worker<'a>,
}

impl Kernel for Steps<'_> {
    #[inline(always)]
    unsafe fn run<S: Tiled>(self) {
        for step in &self.running.program.steps {
            // SAFETY: the compiler gave every step maps of its size, `Running::run` was promised
            // the arena and the slices, and it gave the memory that the largest stage asks for.
            unsafe { self.running.stage(step).work::<S>(self.worker) }
        }
    }
}

/// Any stage of a program.
enum AnyStage<'a> {
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
