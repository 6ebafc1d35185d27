//! The gradient of its weights.

use super::source::Source;
use super::tap::Tap;
use crate::Size;
use crate::buffer::Buffer;
use crate::isa::Isa;
use crate::lanes::Lanes;
use crate::planes::Planes;
use crate::stage::Stage;
use crate::team::{Worker, Workspace};
use crate::tile::{Tile, Tiled, Walk, parts};
use crate::weights::WeightViewMut;

/// The gradient of the weights of a convolution by taps.
///
/// One side is read through the taps, the other straight: the gradient of a tap from channel `a`
/// to channel `b` is the sum over pixels of the products of both.
pub(crate) struct DirectGradient<'a> {
    /// Read through the taps.
    pub(crate) source: Source,
    /// Read straight.
    pub(crate) straight: Planes,
    pub(crate) size: Size,
    pub(crate) taps: &'a [Tap],
    /// Lanes of `source`, the weights' "inputs".
    pub(crate) inputs: &'a Lanes,
    /// Lanes of `straight`, the weights' "outputs".
    pub(crate) outputs: &'a Lanes,
    pub(crate) weights: WeightViewMut,
}

impl DirectGradient<'_> {
    /// Rows of `A` computed together: lanes of a block or, for plain planes, taps of a row.
    fn rows(&self, lanes: usize) -> usize {
        match self.source.walk() {
            Walk::Plane => 3,
            _ => lanes,
        }
    }
}

impl Stage for DirectGradient<'_> {
    fn workspace(&self, isa: Isa) -> Workspace {
        let lanes = isa.lanes();
        let pixels = self.size.batch * self.size.pixels();
        Workspace {
            steps: pixels * self.taps.len() * self.inputs.len() * self.straight.blocks(),
            shared: self.source.copy_len(self.size, lanes),
            private: self.size.height * 2 + Buffer::LINE + lanes * isa.columns() * lanes,
        }
    }

    #[expect(
        clippy::cast_ptr_alignment,
        reason = "private memory begins at a cache line"
    )]
    #[inline(always)]
    unsafe fn work<S: Tiled>(&self, worker: &Worker<'_>) {
        let size = self.size;
        let [height, width] = self.source.padded(size);
        let (planes, pixel) = self.source.planes(S::LANES);
        let plain = self.source.walk() == Walk::Plane;
        let walk = if plain { Walk::Plane } else { Walk::Channels };
        let outputs = self.straight.blocks();
        let groups = outputs.div_ceil(S::COLUMNS);
        let rows = self.rows(S::LANES);
        let inputs = match self.source {
            Source::Quarters(_) => planes / 4,
            _ => planes,
        };
        let sets = if plain {
            self.taps.len() / 3
        } else {
            self.taps.len()
        };
        // SAFETY: the caller's promise; the sums of a task lie in private memory.
        unsafe {
            let (input, image) = self.source.prepare::<S>(worker, size, worker.shared());
            let offsets = worker.private().cast::<usize>();
            for y in 0..size.height {
                *offsets.add(y) = y * width * pixel;
            }
            let sums = worker
                .private()
                .add((size.height * 2).next_multiple_of(Buffer::LINE));
            for task in worker.phase(sets * inputs * groups) {
                let (set, rest) = (task / (inputs * groups), task % (inputs * groups));
                let (block, first) = (rest / groups, rest % groups * S::COLUMNS);
                let columns = (outputs - first).min(S::COLUMNS);
                let tap = self.taps[if plain { set * 3 } else { set }];
                let plane = tap.quarter * inputs + block;
                let start = ((plane * height + tap.y) * width + tap.x) * pixel;
                sums.write_bytes(0, rows * columns * S::LANES);
                for n in 0..size.batch {
                    for (lane, count) in parts(rows, S::ROWS.min(8)) {
                        S::tile(walk, count, columns)(&Tile {
                            a: input.add(n * image + start + lane),
                            offsets,
                            run_step: 0,
                            runs: size.height,
                            depth: size.width,
                            b: self.straight.at(n, first),
                            b_step: S::LANES,
                            b_column: self.straight.plane(),
                            bias: std::ptr::null(),
                            c: sums.add(lane * columns * S::LANES),
                            c_row: columns * S::LANES,
                            c_column: S::LANES,
                            accumulate: true,
                            relu: false,
                        });
                    }
                }
                for row in 0..rows {
                    let (channel, tap) = if plain {
                        (block, set * 3 + row)
                    } else {
                        (block * S::LANES + row, set)
                    };
                    let Some(a) = self.inputs.channel(channel) else {
                        continue;
                    };
                    for lane in 0..columns * S::LANES {
                        if let Some(b) = self.outputs.channel(first * S::LANES + lane) {
                            let value = *sums.add(row * columns * S::LANES + lane);
                            self.weights.set(a, b, tap, value);
                        }
                    }
                }
            }
        }
    }
}
