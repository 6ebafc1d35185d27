//! Samples of one frame, and where each is.

use std::borrow::Cow;

use crate::bytes::Endian;

/// Samples of one frame as they come out of a file or a decoder.
#[derive(Debug)]
pub(crate) struct Raster<'a> {
    pub(super) bytes: Cow<'a, [u8]>,
    pub(super) order: Order,
    /// Byte order of samples of 16 bits; `None` if a sample is a byte.
    pub(super) wide: Option<Endian>,
}

/// Where the samples of a pixel are.
#[derive(Clone, Copy, Debug)]
pub(super) enum Order {
    /// Together.
    Interleaved {
        /// Samples per pixel.
        channels: usize,
    },
    /// Each in a plane of its own.
    Planar {
        /// Pixels per plane.
        pixels: usize,
    },
    /// Two lumas, then two chromas.
    Shared,
}

impl Raster<'_> {
    /// One sample of one pixel, as it is stored.
    pub(crate) fn sample(&self, pixel: usize, channel: usize) -> u16 {
        let at = match (self.order, channel) {
            (Order::Interleaved { channels }, _) => pixel * channels + channel,
            (Order::Planar { pixels }, _) => channel * pixels + pixel,
            (Order::Shared, 0) => pixel / 2 * 4 + pixel % 2,
            (Order::Shared, _) => pixel / 2 * 4 + 1 + channel,
        };
        match self.wide {
            Some(endian) => endian
                .u16(&self.bytes, 2 * at)
                .expect("a raster is as long as its header says"),
            None => u16::from(self.bytes[at]),
        }
    }
}
