//! Tensors as slices.

use nerveseg_kernels::{Maps, MapsMut, Size};

use crate::engine::engine;
use crate::network::blocked::recycle;

/// A tensor's values and shape.
#[derive(Clone, Copy, Debug)]
pub(crate) struct View<'a> {
    pub(crate) values: &'a [f32],
    pub(crate) shape: &'a [usize],
}

/// A tensor to be.
#[derive(Debug)]
pub(crate) struct Made {
    pub(crate) values: Vec<f32>,
    pub(crate) shape: Vec<usize>,
}

impl View<'_> {
    /// Size of plain or blocked maps.
    pub(super) fn size(&self) -> Size {
        Size {
            batch: self.shape[0],
            height: self.shape[2],
            width: self.shape[3],
        }
    }

    pub(super) fn maps(&self, channels: usize) -> Maps<'_> {
        Maps {
            data: self.values,
            channels,
        }
    }

    /// A tensor of this one's shape.
    pub(super) fn like(&self) -> Made {
        Made {
            values: recycle::take(self.values.len()),
            shape: self.shape.to_vec(),
        }
    }
}

impl Made {
    pub(super) fn blocked(channels: usize, size: Size) -> Self {
        let isa = engine().isa();
        Self {
            values: recycle::take(size.blocked_len(channels, isa)),
            shape: vec![
                size.batch,
                channels.div_ceil(isa.lanes()),
                size.height,
                size.width,
                isa.lanes(),
            ],
        }
    }

    pub(super) fn plain(channels: usize, size: Size) -> Self {
        Self {
            values: vec![0.0; size.batch * channels * size.pixels()],
            shape: vec![size.batch, channels, size.height, size.width],
        }
    }

    #[cfg(feature = "autodiff")]
    pub(super) fn of(values: Vec<f32>, like: &View<'_>) -> Self {
        Self {
            values,
            shape: like.shape.to_vec(),
        }
    }

    pub(super) fn maps(&mut self, channels: usize) -> MapsMut<'_> {
        MapsMut {
            data: &mut self.values,
            channels,
        }
    }
}
