//! Convolutions without a transform: any set of taps over a padded copy of the input.

use crate::buffer::Buffer;
use crate::isa::{Isa, Tiled};
use crate::layout::{Lanes, Planes};
use crate::simd::Simd;
use crate::stage::Stage;
use crate::team::{Need, Worker};
use crate::tile::{Tile, Walk, parts};
use crate::weights::{WeightView, WeightViewMut};
use crate::{Engine, Size};

/// Where a tap looks, in pixels of the padded input.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Tap {
    pub(crate) y: usize,
    pub(crate) x: usize,
    /// Which of four interleaved planes, for [`Source::Quarters`]; else 0.
    pub(crate) quarter: usize,
}

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
    Plain { data: *const f32, channels: usize },
}

impl Source {
    fn walk(self) -> Walk {
        match self {
            Self::Plain { .. } => Walk::Plane,
            _ => Walk::Pixels,
        }
    }

    /// Rows and columns of the copy, of which `size` is the middle.
    fn padded(self, size: Size) -> [usize; 2] {
        let border = match self {
            Self::Planes(_) => 0,
            Self::Padded { before, after, .. } => before + after,
            Self::Quarters(_) => 1,
            Self::Plain { .. } => 2,
        };
        [size.height + border, size.width + border]
    }

    /// Planes of an image in the copy, and values of a pixel in each.
    fn planes(self, lanes: usize) -> (usize, usize) {
        match self {
            Self::Planes(planes) | Self::Padded { planes, .. } => (planes.blocks(), lanes),
            Self::Quarters(planes) => (4 * planes.blocks(), lanes),
            Self::Plain { channels, .. } => (channels, 1),
        }
    }

    fn copy_len(self, size: Size, lanes: usize) -> usize {
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
    unsafe fn prepare<S: Simd>(
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

/// One set of taps with its weights and where its results go.
#[derive(Clone, Debug)]
pub(crate) struct TapSet {
    pub(crate) taps: Vec<Tap>,
    /// From [`pack`].
    pub(crate) weights: Buffer,
    /// First pixel of the output, in rows and columns, and the step between pixels.
    pub(crate) first: [usize; 2],
}

/// A convolution by taps.
pub(crate) struct DirectForward<'a> {
    pub(crate) source: Source,
    pub(crate) size: Size,
    pub(crate) sets: &'a [TapSet],
    /// Output pixels lie this far apart in both directions.
    pub(crate) step: usize,
    pub(crate) output: Planes,
    /// One value an output lane.
    pub(crate) bias: *const f32,
    pub(crate) relu: bool,
}

// SAFETY: only addresses; tasks write to different rows or blocks.
unsafe impl Sync for DirectForward<'_> {}

/// Packs the weights of some taps.
///
/// # Shapes
///
/// - output: `[groups, inputs / lanes, taps, lanes, columns·lanes]`, for plain planes
///   `[groups, channels, taps, columns·lanes]`
pub(crate) fn pack(
    engine: &Engine,
    weights: &WeightView<'_>,
    inputs: &Lanes,
    outputs: &Lanes,
    plain: bool,
) -> Buffer {
    let (lanes, columns) = (engine.isa().lanes(), engine.isa().columns());
    let taps = weights.layout.taps.len();
    let run = if plain { 1 } else { lanes };
    let mut packed = Buffer::zeros(inputs.len() * taps * outputs.len());
    let blocks = outputs.len() / lanes;
    let to = packed.as_mut_slice();
    let mut gathered = vec![0.0; taps * lanes];
    for block in 0..blocks {
        let group = block / columns * columns;
        let row = (blocks - group).min(columns) * lanes;
        let start = group * lanes * inputs.len() * taps + (block - group) * lanes;
        for input in 0..inputs.len() {
            weights.gather(inputs, outputs, input, block * lanes, lanes, &mut gathered);
            for tap in 0..taps {
                let step = (input / run * taps + tap) * run + input % run;
                let place = start + step * row;
                to[place..place + lanes].copy_from_slice(&gathered[tap * lanes..][..lanes]);
            }
        }
    }
    packed
}

impl Stage for DirectForward<'_> {
    fn need(&self, isa: Isa) -> Need {
        let lanes = isa.lanes();
        let runs: usize = self.sets.iter().map(|set| self.runs(set, lanes)[0]).sum();
        Need {
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

// SAFETY: only addresses; every task writes its own weights.
unsafe impl Sync for DirectGradient<'_> {}

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
    fn need(&self, isa: Isa) -> Need {
        let lanes = isa.lanes();
        let pixels = self.size.batch * self.size.pixels();
        Need {
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
