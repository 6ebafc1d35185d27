//! The convolution itself: windows in, tiles out, products in between.

use super::{GAP, POINTS, TILE, Tiling, WINDOW, output_pixels, part, transform_windows};
use crate::Size;
use crate::isa::Isa;
use crate::planes::Planes;
use crate::pool::largest;
use crate::shared::Shared;
use crate::simd::Simd;
use crate::stage::Stage;
use crate::team::{Worker, Workspace};
use crate::tile::{Tile, Tiled, Walk, parts};

/// Bytes of transformed windows and weights that one core keeps close.
const NEAR_CACHE: usize = 768 << 10;

/// How the work is cut.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Method {
    /// A task takes some tiles through all three stages; the weights stream past.
    ByTiles { tasks: usize },
    /// All windows are transformed first; then a task makes some channels of some tiles.
    ByChannels { chunks: usize },
}

/// A 3×3 convolution with padding 1, ready to run on every thread.
#[derive(Clone, Copy)]
pub(crate) struct Forward {
    pub(crate) input: Planes,
    pub(crate) output: Planes,
    /// Where the largest of every 2×2 goes too, if anywhere.
    pub(crate) pooled: Option<Planes>,
    pub(crate) size: Size,
    /// From [`pack`](super::pack).
    pub(crate) weights: Shared,
    /// One value an output lane.
    pub(crate) bias: Shared,
    pub(crate) relu: bool,
    pub(crate) method: Method,
}

impl Method {
    /// The cut that moves the fewest bytes to a core.
    pub(crate) fn choose(
        size: Size,
        [inputs, outputs]: [usize; 2],
        group: usize,
        threads: usize,
    ) -> Self {
        let tiles = Tiling::new(size).count;
        let most = (NEAR_CACHE / (inputs.max(1) * POINTS * size_of::<f32>())).clamp(32, 64);
        let rounds = tiles.div_ceil(most * threads);
        let level = if tiles >= 4 * threads * 24 {
            rounds.max(4)
        } else {
            rounds
        };
        let tasks = level * threads;
        if tiles >= 12 * tasks {
            return Self::ByTiles { tasks };
        }
        let groups = outputs.div_ceil(group);
        let wanted = (2 * threads).div_ceil(groups).min(tiles.div_ceil(16));
        Self::ByChannels {
            chunks: wanted.max(tiles.div_ceil(64)).max(1),
        }
    }
}

impl Stage for Forward {
    fn workspace(&self, isa: Isa) -> Workspace {
        let (lanes, columns) = (isa.lanes(), isa.columns());
        let tiles = Tiling::new(self.size).count;
        let inputs = self.input.blocks() * lanes;
        let steps = POINTS * tiles * inputs * self.output.blocks();
        let groups = self.output.blocks().div_ceil(columns);
        match self.method {
            Method::ByTiles { tasks } => {
                let tiles = tiles.div_ceil(tasks);
                Workspace {
                    steps,
                    shared: 0,
                    private: POINTS * (tiles * inputs + GAP)
                        + POINTS * groups * (tiles * columns * lanes + GAP),
                }
            }
            Method::ByChannels { chunks } => Workspace {
                steps,
                shared: POINTS * (tiles * inputs + GAP),
                private: POINTS * (tiles.div_ceil(chunks) * columns * lanes + GAP),
            },
        }
    }

    #[inline(always)]
    unsafe fn work<S: Tiled>(&self, worker: &Worker<'_>) {
        let tiling = Tiling::new(self.size);
        let blocks = self.input.blocks();
        let groups = self.output.blocks().div_ceil(S::COLUMNS);
        // SAFETY: the caller's promise; ranges of tiles and of blocks are in range by construction.
        unsafe {
            match self.method {
                Method::ByTiles { tasks } => {
                    let windows = worker.private();
                    for task in worker.phase(tasks) {
                        let (start, end) = part(tiling.count, tasks, task);
                        let tiles = end - start;
                        let stride = blocks * tiles * S::LANES + GAP;
                        for block in 0..blocks {
                            let to = windows.add(block * tiles * S::LANES);
                            transform_windows::<S>(
                                self.input,
                                self.size,
                                block,
                                (start, end),
                                to,
                                stride,
                            );
                        }
                        let products = windows.add(POINTS * stride);
                        let from = Windows {
                            data: windows,
                            stride,
                            block: tiles * S::LANES,
                        };
                        self.groups::<S>(tiling, (0, groups), (start, end), from, products);
                    }
                }
                Method::ByChannels { chunks } => {
                    let windows = worker.shared();
                    let stride = blocks * tiling.count * S::LANES + GAP;
                    let pieces = (4 * worker.threads())
                        .div_ceil(blocks.max(1))
                        .min(tiling.count);
                    for task in worker.phase(blocks * pieces) {
                        let (block, piece) = (task / pieces, task % pieces);
                        let (start, end) = part(tiling.count, pieces, piece);
                        let to = windows.add((block * tiling.count + start) * S::LANES);
                        transform_windows::<S>(
                            self.input,
                            self.size,
                            block,
                            (start, end),
                            to,
                            stride,
                        );
                    }
                    for task in worker.phase(groups * chunks) {
                        let (group, chunk) = (task / chunks, task % chunks);
                        let (start, end) = part(tiling.count, chunks, chunk);
                        let from = Windows {
                            data: windows.add(start * S::LANES),
                            stride,
                            block: tiling.count * S::LANES,
                        };
                        let groups = (group, group + 1);
                        let products = worker.private();
                        self.groups::<S>(tiling, groups, (start, end), from, products);
                    }
                }
            }
        }
    }
}

impl Forward {
    /// Products and outputs of some groups of output blocks.
    ///
    /// Point by point: a point's windows stay near while its weights stream past once.
    #[inline(always)]
    unsafe fn groups<S: Tiled>(
        &self,
        tiling: Tiling,
        (first, last): (usize, usize),
        (start, end): (usize, usize),
        windows: Windows,
        products: *mut f32,
    ) {
        let tiles = end - start;
        let depth = self.input.blocks() * S::LANES;
        let stride = tiles * S::COLUMNS * S::LANES + GAP;
        // SAFETY: the weights hold `depth` rows of a group's lanes for each of its 36 points.
        unsafe {
            for point in 0..POINTS {
                for group in first..last {
                    let row = self.columns::<S>(group) * S::LANES;
                    let weights = self
                        .weights
                        .add((group * S::COLUMNS * S::LANES * POINTS + point * row) * depth);
                    let products = products.add(((group - first) * POINTS + point) * stride);
                    for (from, rows) in parts(tiles, S::ROWS) {
                        S::tile(Walk::Pixels, rows, row / S::LANES)(&Tile {
                            a: windows.data.add(point * windows.stride + from * S::LANES),
                            run_step: windows.block,
                            offsets: std::ptr::null(),
                            runs: self.input.blocks(),
                            depth: S::LANES,
                            b: weights,
                            b_step: row,
                            b_column: S::LANES,
                            bias: std::ptr::null(),
                            c: products.add(from * row),
                            c_row: row,
                            c_column: S::LANES,
                            accumulate: false,
                            relu: false,
                        });
                    }
                }
            }
            for group in first..last {
                let columns = self.columns::<S>(group);
                let products = products.add((group - first) * POINTS * stride);
                for tile in start..end {
                    for column in 0..columns {
                        let from = products.add(((tile - start) * columns + column) * S::LANES);
                        let block = group * S::COLUMNS + column;
                        self.finish::<S>(tiling.place(tile), block, from, stride);
                    }
                }
            }
        }
    }

    /// Blocks of a group of outputs.
    #[inline(always)]
    fn columns<S: Tiled>(&self, group: usize) -> usize {
        (self.output.blocks() - group * S::COLUMNS).min(S::COLUMNS)
    }

    /// `Aᵀ·m·A` of one tile of one block, with bias, ReLU and pooling.
    #[inline(always)]
    unsafe fn finish<S: Simd>(
        &self,
        (image, y, x): (usize, usize, usize),
        block: usize,
        products: *const f32,
        stride: usize,
    ) {
        let (height, width) = (self.size.height, self.size.width);
        // SAFETY: outputs are written only inside the plane.
        unsafe {
            let mut columns = [[S::zero(); TILE]; WINDOW];
            for (j, column) in columns.iter_mut().enumerate() {
                let mut m = [S::zero(); WINDOW];
                for (i, value) in m.iter_mut().enumerate() {
                    *value = S::load(products.add((i * WINDOW + j) * stride));
                }
                *column = output_pixels::<S>(m);
            }
            let bias = S::load(self.bias.add(block * S::LANES));
            let mut pixels = [[S::zero(); TILE]; TILE];
            for (i, row) in pixels.iter_mut().enumerate() {
                let mut m = [S::zero(); WINDOW];
                for (j, value) in m.iter_mut().enumerate() {
                    *value = columns[j][i];
                }
                *row = output_pixels::<S>(m);
                for value in row.iter_mut() {
                    *value = S::add(*value, bias);
                    if self.relu {
                        // in this order what is not a number stays so
                        *value = S::max(S::zero(), *value);
                    }
                }
            }
            let output = self.output.at(image, block);
            if y + TILE <= height && x + TILE <= width {
                for (i, row) in pixels.iter().enumerate() {
                    let to = output.add(((y + i) * width + x) * S::LANES);
                    for (j, &value) in row.iter().enumerate() {
                        S::store(to.add(j * S::LANES), value);
                    }
                }
            } else {
                for (i, row) in pixels.iter().enumerate().take(height - y) {
                    let to = output.add(((y + i) * width + x) * S::LANES);
                    for (j, &value) in row.iter().enumerate().take(width - x) {
                        S::store(to.add(j * S::LANES), value);
                    }
                }
            }
            if let Some(pooled) = self.pooled {
                let half = self.size.halved();
                let to = pooled.at(image, block);
                for i in 0..TILE / 2 {
                    for j in 0..TILE / 2 {
                        let (py, px) = (y / 2 + i, x / 2 + j);
                        if py < half.height && px < half.width {
                            let [top, low] = [pixels[2 * i], pixels[2 * i + 1]];
                            let window = [top[2 * j], top[2 * j + 1], low[2 * j], low[2 * j + 1]];
                            let place = to.add((py * half.width + px) * S::LANES);
                            S::store(place, largest::<S>(window));
                        }
                    }
                }
            }
        }
    }
}

/// Transformed windows: points `stride` apart, blocks `block` apart, tiles one vector apart.
#[derive(Clone, Copy)]
struct Windows {
    data: *const f32,
    stride: usize,
    block: usize,
}
