//! What comes out of an inference.

use std::sync::Arc;
use std::time::{Duration, Instant};

use nerveseg_data::{Frame, Pick};
use nerveseg_model::Segmentation;

use super::model::Model;

/// What a client may choose.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Options {
    /// Probability from which on a pixel belongs to the nerve; the model's own if absent.
    pub(crate) threshold: Option<f32>,
    /// Frame of a file, and region of tissue on it.
    pub(crate) pick: Pick,
}

/// One frame with its mask.
#[derive(Debug)]
pub(crate) struct Found {
    pub(crate) frame: Frame,
    pub(crate) segmentation: Segmentation,
    pub(crate) model: Arc<Model>,
    pub(crate) threshold: f32,
    pub(super) begin: Instant,
    pub(super) decode: Duration,
    pub(super) waited: Duration,
    pub(super) network: Duration,
}

/// How long the stages took.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Times {
    pub(crate) decode: Duration,
    pub(crate) waited: Duration,
    pub(crate) network: Duration,
    pub(crate) total: Duration,
}

impl Found {
    /// How long it took up to now.
    pub(crate) fn times(&self) -> Times {
        Times {
            decode: self.decode,
            waited: self.waited,
            network: self.network,
            total: self.begin.elapsed(),
        }
    }
}
