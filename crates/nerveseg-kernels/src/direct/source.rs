//! Where a direct convolution reads, and the padded copy that it makes.

use crate::Size;
use crate::planes::Planes;
use crate::shared::Shared;
use crate::simd::Simd;
use crate::team::Worker;
use crate::tile::Walk;

/// Where the input of a direct convolution comes from.
#[derive(Clone, Copy)]
pub(crate) enum Source {
    /// Read where it lies; taps are all zero.
    Planes(Planes),
    /// Copied with a border of `before` zeros above and left, `after` below and right.
    Padded {
        planes: Planes,
        before: usize,
        after: usize,
    },
    /// Every second row and column of planes of twice the size: four planes of half the size,
    /// padded by one row and column of zeros below and right.
    Quarters(Planes),
    /// Plain planes, one a channel, with a border of one zero all around.
    Plain { data: Shared, channels: usize },
}

impl Source {
    pub(super) fn walk(self) -> Walk {
        match self {
            Self::Plain { .. } => Walk::Plane,
            _ => Walk::Pixels,
        }
    }

    /// Rows and columns of the copy, of which `size` is the middle.
    pub(super) fn padded(self, size: Size) -> [usize; 2] {
        let border = match self {
            Self::Planes(_) => 0,
            Self::Padded { before, after, .. } => before + after,
            Self::Quarters(_) => 1,
            Self::Plain { .. } => 2,
        };
        [size.height + border, size.width + border]
    }

    /// Planes of an image in the copy, and values of a pixel in each.
    pub(super) fn planes(self, lanes: usize) -> (usize, usize) {
        match self {
            Self::Planes(planes) | Self::Padded { planes, .. } => (planes.blocks(), lanes),
            Self::Quarters(planes) => (4 * planes.blocks(), lanes),
            Self::Plain { channels, .. } => (channels, 1),
        }
    }

    pub(super) fn copy_len(self, size: Size, lanes: usize) -> usize {
        if matches!(self, Self::Planes(_)) {
            return 0;
        }
        let [height, width] = self.padded(size);
        let (planes, pixel) = self.planes(lanes);
        size.batch * planes * height * width * pixel
    }

    /// Copies what has to be copied, in one phase, and returns where image 0 begins and how
    /// many values an image takes.
    #[inline(always)]
    pub(super) unsafe fn prepare<S: Simd>(
        self,
        worker: &Worker<'_>,
        size: Size,
        to: *mut f32,
    ) -> (*const f32, usize) {
        let [height, width] = self.padded(size);
        let (count, pixel) = self.planes(S::LANES);
        let image = count * height * width * pixel;
        // SAFETY: the caller gave `copy_len` values; sources hold whole planes.
        unsafe {
            let (from, blocks, before, step) = match self {
                Self::Planes(planes) => {
                    return (planes.at(0, 0), planes.blocks() * planes.plane());
                }
                Self::Padded { planes, before, .. } => (Some(planes), planes.blocks(), before, 1),
                Self::Quarters(planes) => (Some(planes), planes.blocks(), 0, 2),
                Self::Plain { channels, .. } => (None, channels, 1, 1),
            };
            for task in worker.phase(size.batch * count) {
                let (n, plane) = (task / count, task % count);
                let to = to.add(task * height * width * pixel);
                let (block, quarter) = (plane % blocks, plane / blocks);
                let from: *const f32 = match (self, from) {
                    (Self::Plain { data, .. }, _) => data.add((n * blocks + block) * size.pixels()),
                    (_, Some(planes)) => planes
                        .at(n, block)
                        .add((quarter / 2 * step * size.width + quarter % 2) * pixel),
                    _ => unreachable!("only plain planes have no blocks"),
                };
                for y in 0..height {
                    let row = to.add(y * width * pixel);
                    if y < before || y - before >= size.height {
                        row.write_bytes(0, width * pixel);
                        continue;
                    }
                    let line = from.add((y - before) * step * step * size.width * pixel);
                    row.write_bytes(0, before * pixel);
                    let inner = row.add(before * pixel);
                    if step == 1 {
                        inner.copy_from_nonoverlapping(line, size.width * pixel);
                    } else {
                        for x in 0..size.width {
                            S::store(inner.add(x * pixel), S::load(line.add(x * step * pixel)));
                        }
                    }
                    let used = before + size.width;
                    row.add(used * pixel).write_bytes(0, (width - used) * pixel);
                }
            }
            (to, image)
        }
    }
}
