//! The convolution itself.

use super::source::Source;
use super::tap::TapSet;
use crate::Size;
use crate::isa::Isa;
use crate::planes::Planes;
use crate::shared::Shared;
use crate::stage::Stage;
use crate::team::{Worker, Workspace};
use crate::tile::{Tile, Tiled, parts};

/// A convolution by taps.
pub(crate) struct DirectForward<'a> {
    pub(crate) source: Source,
    pub(crate) size: Size,
    pub(crate) sets: &'a [TapSet],
    /// Output pixels lie this far apart in both directions.
    pub(crate) step: usize,
    pub(crate) output: Planes,
    /// One value an output lane.
    pub(crate) bias: Shared,
    pub(crate) relu: bool,
}

impl Stage for DirectForward<'_> {
    fn workspace(&self, isa: Isa) -> Workspace {
        let lanes = isa.lanes();
        let runs: usize = self.sets.iter().map(|set| self.runs(set, lanes)[0]).sum();
        Workspace {
            steps: self.size.batch * self.size.pixels() * runs * lanes * self.output.blocks(),
            shared: self.source.copy_len(self.size, lanes),
            // offsets of the runs, one `usize` in two values
            private: runs * 2,
        }
    }

    #[expect(
        clippy::cast_ptr_alignment,
        reason = "private memory begins at a cache line"
    )]
    #[inline(always)]
    unsafe fn work<S: Tiled>(&self, worker: &Worker<'_>) {
        let size = self.size;
        // without a border the rows of an image are one long row
        let [rows, columns] = match self.source {
            Source::Planes(_) if self.step == 1 => [1, size.pixels()],
            _ => [size.height, size.width],
        };
        let groups = self.output.blocks().div_ceil(S::COLUMNS);
        let (along, most) = if rows == 1 {
            (columns, columns.div_ceil(S::ROWS))
        } else {
            (rows, rows)
        };
        let strips = (4 * worker.threads())
            .div_ceil((groups * size.batch).max(1))
            .clamp(1, most.max(1));
        // SAFETY: the caller's promise; rows, pixels and blocks are in range.
        unsafe {
            let (input, image) = self.source.prepare::<S>(worker, size, worker.shared());
            let mut offsets = worker.private().cast::<usize>();
            for set in self.sets {
                self.write_offsets(set, S::LANES, offsets);
                offsets = offsets.add(self.runs(set, S::LANES)[0]);
            }
            for task in worker.phase(size.batch * strips * groups) {
                let (n, rest) = (task / (strips * groups), task % (strips * groups));
                let (strip, group) = (rest / groups, rest % groups);
                let part = [along * strip / strips, along * (strip + 1) / strips];
                let (rows, columns) = if rows == 1 {
                    ([0, 1], part)
                } else {
                    (part, [0, columns])
                };
                let mut offsets = worker.private().cast::<usize>();
                for set in self.sets {
                    let strip = Strip {
                        input: input.add(n * image),
                        offsets,
                        rows,
                        columns,
                    };
                    self.strip::<S>(set, strip, n, group * S::COLUMNS);
                    offsets = offsets.add(self.runs(set, S::LANES)[0]);
                }
            }
        }
    }
}

/// A part of an image that one task computes.
#[derive(Clone, Copy)]
struct Strip {
    input: *const f32,
    offsets: *const usize,
    rows: [usize; 2],
    columns: [usize; 2],
}

impl DirectForward<'_> {
    /// Runs of a set, and steps in each.
    fn runs(&self, set: &TapSet, lanes: usize) -> [usize; 2] {
        let (planes, _) = self.source.planes(lanes);
        let taps = set.taps.len();
        match self.source {
            // the taps of a row are neighbours, so that a run takes a whole row
            Source::Plain { .. } => [planes * taps / 3, 3],
            Source::Quarters(_) => [planes / 4 * taps, lanes],
            _ => [planes * taps, lanes],
        }
    }

    /// Where the runs of a set begin in the copy of an image.
    ///
    /// # Safety
    ///
    /// `to` has room for [`runs`](Self::runs).
    unsafe fn write_offsets(&self, set: &TapSet, lanes: usize, to: *mut usize) {
        let [height, width] = self.source.padded(self.size);
        let (planes, pixel) = self.source.planes(lanes);
        let (inputs, stride) = match self.source {
            Source::Plain { .. } => (planes, 3),
            Source::Quarters(_) => (planes / 4, 1),
            _ => (planes, 1),
        };
        let taps = (0..inputs).flat_map(|block| set.taps.iter().map(move |tap| (block, tap)));
        for (run, (block, tap)) in taps.step_by(stride).enumerate() {
            let plane = tap.quarter * (planes / 4) + block;
            let place = (plane * height + tap.y) * width + tap.x;
            // SAFETY: the caller's promise.
            unsafe { *to.add(run) = place * pixel };
        }
    }

    /// One set of taps for a strip and a group of output blocks.
    #[inline(always)]
    unsafe fn strip<S: Tiled>(&self, set: &TapSet, strip: Strip, n: usize, first: usize) {
        let [_, width] = self.source.padded(self.size);
        let (_, pixel) = self.source.planes(S::LANES);
        let [runs, depth] = self.runs(set, S::LANES);
        let count = (self.output.blocks() - first).min(S::COLUMNS);
        // a group whose blocks lie in two sets of maps is done column by column
        let together = count == 1 || self.output.adjacent(first);
        let (calls, columns) = if together { (1, count) } else { (count, 1) };
        let out_width = self.size.width * self.step;
        let [from, to] = strip.columns;
        // SAFETY: the caller vouches for the strip and the group.
        unsafe {
            let weights = set.weights.as_slice().as_ptr();
            let weights = weights.add(first * S::LANES * runs * depth);
            for y in strip.rows[0]..strip.rows[1] {
                for (x, pixels) in parts(to - from, S::ROWS) {
                    let x = from + x;
                    let place =
                        (y * self.step + set.first[0]) * out_width + x * self.step + set.first[1];
                    for call in 0..calls {
                        S::tile(self.source.walk(), pixels, columns)(&Tile {
                            a: strip.input.add((y * width + x) * pixel),
                            offsets: strip.offsets,
                            run_step: 0,
                            runs,
                            depth,
                            b: weights.add(call * S::LANES),
                            b_step: count * S::LANES,
                            b_column: S::LANES,
                            bias: self.bias.add((first + call) * S::LANES),
                            c: self.output.at(n, first + call).add(place * S::LANES),
                            c_row: self.step * S::LANES,
                            c_column: self.output.plane(),
                            accumulate: false,
                            relu: self.relu,
                        });
                    }
                }
            }
        }
    }
}
