//! The gradient of the weights, at the points of the transform.
//!
//! A product at a point is a sum over input channels; its gradient is a sum over tiles. Windows
//! are transformed as in the convolution, gradients of outputs by the adjoint of the way back.

use super::weights::unpack;
use super::{GAP, POINTS, TILE, Tiling, WINDOW, gradient_points, part, transform_windows};
use crate::Size;
use crate::isa::Isa;
use crate::lanes::Lanes;
use crate::planes::Planes;
use crate::simd::Simd;
use crate::stage::Stage;
use crate::team::{Worker, Workspace};
use crate::tile::{Tile, Tiled, Walk, parts};
use crate::weights::WeightViewMut;

/// Partial sums. Each takes the same tiles whatever the number of threads, so the result does not
/// depend on it.
const PARTIALS: usize = 8;

/// Most tiles of a partial sum that are transformed before they are added.
const CHUNK: usize = 32;

/// Bytes of a partial sum above which one sum is made after all transforms.
const NEAR_CACHE: usize = 1280 << 10;

/// The gradient of a 3×3 convolution's weights.
pub(crate) struct WeightGradient<'a> {
    pub(crate) input: Planes,
    /// Gradient of the convolution's output.
    pub(crate) gradient: Planes,
    pub(crate) size: Size,
    pub(crate) inputs: &'a Lanes,
    pub(crate) outputs: &'a Lanes,
    pub(crate) weights: WeightViewMut,
}

impl WeightGradient<'_> {
    fn sum_len(&self) -> usize {
        POINTS * self.inputs.len() * self.outputs.len()
    }

    fn in_partials(&self) -> bool {
        self.sum_len() * size_of::<f32>() <= NEAR_CACHE
    }

    fn strides(&self, tiles: usize) -> [usize; 2] {
        [self.inputs.len(), self.outputs.len()].map(|lanes| lanes * tiles + GAP)
    }
}

impl Stage for WeightGradient<'_> {
    fn workspace(&self, isa: Isa) -> Workspace {
        let tiles = Tiling::new(self.size).count;
        let steps = tiles * self.sum_len() / isa.lanes();
        if self.in_partials() {
            Workspace {
                steps,
                shared: PARTIALS * self.sum_len(),
                private: POINTS * self.strides(CHUNK).iter().sum::<usize>(),
            }
        } else {
            Workspace {
                steps,
                shared: self.sum_len() + POINTS * self.strides(tiles).iter().sum::<usize>(),
                private: 0,
            }
        }
    }

    #[inline(always)]
    unsafe fn work<S: Tiled>(&self, worker: &Worker<'_>) {
        let tiling = Tiling::new(self.size);
        let sums = worker.shared();
        // SAFETY: the caller's promise.
        unsafe {
            if self.in_partials() {
                for partial in worker.phase(PARTIALS) {
                    let sum = sums.add(partial * self.sum_len());
                    let (first, last) = part(tiling.count, PARTIALS, partial);
                    for chunk in 0..(last - first).div_ceil(CHUNK).max(1) {
                        let start = first + chunk * CHUNK;
                        let range = (start, (start + CHUNK).min(last));
                        let strides = self.strides(CHUNK);
                        let windows = worker.private();
                        let gradients = windows.add(POINTS * strides[0]);
                        for block in 0..self.input.blocks() {
                            let to = windows.add(block * CHUNK * S::LANES);
                            transform_windows::<S>(
                                self.input, self.size, block, range, to, strides[0],
                            );
                        }
                        for block in 0..self.gradient.blocks() {
                            let to = gradients.add(block * CHUNK * S::LANES);
                            self.gradients::<S>(tiling, block, range, to, strides[1]);
                        }
                        for point in 0..POINTS {
                            for block in 0..self.input.blocks() {
                                self.add::<S>(Sum {
                                    windows: windows.add(point * strides[0]),
                                    gradients: gradients.add(point * strides[1]),
                                    pitch: CHUNK * S::LANES,
                                    tiles: range.1 - range.0,
                                    block,
                                    to: sum.add(point * self.inputs.len() * self.outputs.len()),
                                    accumulate: chunk > 0,
                                });
                            }
                        }
                    }
                }
                unpack::<S>(
                    worker,
                    (sums, PARTIALS, self.sum_len()),
                    self.inputs,
                    self.outputs,
                    &self.weights,
                );
                return;
            }
            let strides = self.strides(tiling.count);
            let pitch = tiling.count * S::LANES;
            let windows = sums.add(self.sum_len());
            let gradients = windows.add(POINTS * strides[0]);
            let (inputs, outputs) = (self.input.blocks(), self.gradient.blocks());
            let pieces = (4 * worker.threads())
                .div_ceil(inputs + outputs)
                .min(tiling.count);
            for task in worker.phase((inputs + outputs) * pieces) {
                let (block, piece) = (task / pieces, task % pieces);
                let range = part(tiling.count, pieces, piece);
                if block < inputs {
                    let to = windows.add(block * pitch + range.0 * S::LANES);
                    transform_windows::<S>(self.input, self.size, block, range, to, strides[0]);
                } else {
                    let block = block - inputs;
                    let to = gradients.add(block * pitch + range.0 * S::LANES);
                    self.gradients::<S>(tiling, block, range, to, strides[1]);
                }
            }
            for task in worker.phase(POINTS * inputs) {
                let (point, block) = (task / inputs, task % inputs);
                self.add::<S>(Sum {
                    windows: windows.add(point * strides[0]),
                    gradients: gradients.add(point * strides[1]),
                    pitch,
                    tiles: tiling.count,
                    block,
                    to: sums.add(point * self.inputs.len() * self.outputs.len()),
                    accumulate: false,
                });
            }
            unpack::<S>(
                worker,
                (sums, 1, 0),
                self.inputs,
                self.outputs,
                &self.weights,
            );
        }
    }
}

impl WeightGradient<'_> {
    /// `A·y·Aᵀ` of tiles `start..end` of one block of the output's gradient.
    #[expect(
        clippy::needless_range_loop,
        reason = "the index is that of the inner arrays"
    )]
    #[inline(always)]
    unsafe fn gradients<S: Simd>(
        &self,
        tiling: Tiling,
        block: usize,
        (start, end): (usize, usize),
        to: *mut f32,
        stride: usize,
    ) {
        let (height, width) = (self.size.height, self.size.width);
        for tile in start..end {
            let (image, y, x) = tiling.place(tile);
            // SAFETY: pixels are read only inside the plane; `to` as above.
            unsafe {
                let plane = self.gradient.at(image, block);
                let mut columns = [[S::zero(); WINDOW]; TILE];
                for (j, column) in columns.iter_mut().enumerate() {
                    let mut pixels = [S::zero(); TILE];
                    if x + j < width {
                        for (i, pixel) in pixels.iter_mut().enumerate() {
                            if y + i < height {
                                *pixel = S::load(plane.add(((y + i) * width + x + j) * S::LANES));
                            }
                        }
                    }
                    *column = gradient_points::<S>(pixels);
                }
                let to = to.add((tile - start) * S::LANES);
                for i in 0..WINDOW {
                    let row = [columns[0][i], columns[1][i], columns[2][i], columns[3][i]];
                    for (j, value) in gradient_points::<S>(row).into_iter().enumerate() {
                        S::store(to.add((i * WINDOW + j) * stride), value);
                    }
                }
            }
        }
    }

    /// Products of one point and one block of inputs with every output, summed over tiles.
    #[inline(always)]
    unsafe fn add<S: Tiled>(&self, sum: Sum) {
        let outputs = self.gradient.blocks();
        for first in (0..outputs).step_by(S::COLUMNS) {
            let columns = (outputs - first).min(S::COLUMNS);
            for (lane, rows) in parts(S::LANES, S::ROWS) {
                let row = sum.block * S::LANES + lane;
                // SAFETY: the caller vouches for windows, gradients and sums.
                unsafe {
                    S::tile(Walk::Channels, rows, columns)(&Tile {
                        a: sum.windows.add(sum.block * sum.pitch + lane),
                        offsets: std::ptr::null(),
                        run_step: 0,
                        runs: 1,
                        depth: sum.tiles,
                        b: sum.gradients.add(first * sum.pitch),
                        b_step: S::LANES,
                        b_column: sum.pitch,
                        bias: std::ptr::null(),
                        c: sum.to.add(row * self.outputs.len() + first * S::LANES),
                        c_row: self.outputs.len(),
                        c_column: S::LANES,
                        accumulate: sum.accumulate,
                        relu: false,
                    });
                }
            }
        }
    }
}

/// What [`WeightGradient::add`] multiplies: blocks `pitch` apart, `tiles` vectors in each.
#[derive(Clone, Copy)]
struct Sum {
    windows: *const f32,
    gradients: *const f32,
    pitch: usize,
    tiles: usize,
    block: usize,
    to: *mut f32,
    accumulate: bool,
}
