//! The stage of a convolution.

use crate::direct::DirectForward;
use crate::isa::Isa;
use crate::stage::Stage;
use crate::team::{Worker, Workspace};
use crate::tile::Tiled;
use crate::winograd::Forward;

/// Either way to compute a convolution.
pub(crate) enum ConvolutionStage<'a> {
    Winograd(Forward),
    Direct(DirectForward<'a>),
}

impl Stage for ConvolutionStage<'_> {
    fn workspace(&self, isa: Isa) -> Workspace {
        match self {
            Self::Winograd(stage) => stage.workspace(isa),
            Self::Direct(stage) => stage.workspace(isa),
        }
    }

    #[inline(always)]
    unsafe fn work<S: Tiled>(&self, worker: &Worker<'_>) {
        // SAFETY: the caller's promise.
        unsafe {
            match self {
                Self::Winograd(stage) => stage.work::<S>(worker),
                Self::Direct(stage) => stage.work::<S>(worker),
            }
        }
    }
}
