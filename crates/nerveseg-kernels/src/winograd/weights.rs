//! Weights at the points of the transform, and their gradients back.

use super::{POINTS, WINDOW, weight_points, weight_taps};
use crate::Engine;
use crate::buffer::Buffer;
use crate::isa::Isa;
use crate::lanes::Lanes;
use crate::shared::Shared;
use crate::simd::Simd;
use crate::stage::Stage;
use crate::team::{Worker, Workspace};
use crate::tile::Tiled;
use crate::weights::{WeightView, WeightViewMut};

/// Transforms the weights of a 3×3 convolution: `G·g·Gᵀ`.
///
/// # Shapes
///
/// - output: `[groups, 36, inputs, columns·lanes]`; a last narrow group has fewer columns
pub(crate) fn pack(
    engine: &Engine,
    weights: &WeightView<'_>,
    inputs: &Lanes,
    outputs: &Lanes,
) -> Buffer {
    let mut packed = Buffer::recycled(POINTS * inputs.len() * outputs.len());
    let stage = Pack {
        weights,
        inputs,
        outputs,
        to: Shared::write(packed.as_mut_slice()),
    };
    // SAFETY: `to` has the length of the transformed weights.
    unsafe { engine.run(&stage) };
    packed
}

struct Pack<'a> {
    weights: &'a WeightView<'a>,
    inputs: &'a Lanes,
    outputs: &'a Lanes,
    to: Shared,
}

impl Stage for Pack<'_> {
    fn workspace(&self, isa: Isa) -> Workspace {
        // gathering the weights one by one takes longer than the transform
        Workspace::steps(POINTS * self.inputs.len() * self.outputs.len() * 4 / isa.lanes())
    }

    #[expect(
        clippy::needless_range_loop,
        reason = "the index is that of the inner arrays"
    )]
    #[inline(always)]
    unsafe fn work<S: Tiled>(&self, worker: &Worker<'_>) {
        let (depth, blocks) = (self.inputs.len(), self.outputs.len() / S::LANES);
        let mut taps = [0.0_f32; 9 * 16];
        for task in worker.phase(blocks * depth / S::LANES) {
            let (block, first_input) = (task % blocks, task / blocks * S::LANES);
            let group = block / S::COLUMNS * S::COLUMNS;
            let row = (blocks - group).min(S::COLUMNS) * S::LANES;
            let start = group * S::LANES * depth * POINTS + (block - group) * S::LANES;
            for input in first_input..first_input + S::LANES {
                self.weights.gather(
                    self.inputs,
                    self.outputs,
                    input,
                    block * S::LANES,
                    S::LANES,
                    &mut taps,
                );
                // SAFETY: `taps` holds nine vectors; each task writes rows of its own block and
                // inputs, inside the length that `pack` set.
                unsafe {
                    let mut columns = [[S::zero(); WINDOW]; 3];
                    for (x, column) in columns.iter_mut().enumerate() {
                        let mut g = [S::zero(); 3];
                        for (y, value) in g.iter_mut().enumerate() {
                            *value = S::load(taps.as_ptr().add((y * 3 + x) * S::LANES));
                        }
                        *column = weight_points::<S>(g);
                    }
                    for i in 0..WINDOW {
                        let g = [columns[0][i], columns[1][i], columns[2][i]];
                        for (j, value) in weight_points::<S>(g).into_iter().enumerate() {
                            let point = i * WINDOW + j;
                            let place = start + point * depth * row + input * row;
                            S::store(self.to.add(place), value);
                        }
                    }
                }
            }
        }
    }
}

/// Brings the gradient at the points, `[36, inputs, outputs]` (`parts` of them, to be added up,
/// each `stride` values on), back to 3×3 weights: `Gᵀ·u·G`.
///
/// # Safety
///
/// The instruction set is there, the addresses are valid.
#[expect(
    clippy::needless_range_loop,
    reason = "the index is that of the inner arrays"
)]
#[inline(always)]
pub(crate) unsafe fn unpack<S: Simd>(
    worker: &Worker<'_>,
    (points, parts, stride): (*const f32, usize, usize),
    inputs: &Lanes,
    outputs: &Lanes,
    gradient: &WeightViewMut,
) {
    let blocks = outputs.len() / S::LANES;
    let mut taps = [0.0_f32; 9 * 16];
    for task in worker.phase(blocks * inputs.len() / S::LANES) {
        let (block, first_input) = (task % blocks, task / blocks * S::LANES);
        for input in first_input..first_input + S::LANES {
            // SAFETY: the caller vouches for the points; `taps` holds nine vectors; weights of
            // one input and one block of outputs are written by this task alone.
            unsafe {
                let from = points.add(input * outputs.len() + block * S::LANES);
                let point = |index: usize| from.add(index * inputs.len() * outputs.len());
                let mut columns = [[S::zero(); 3]; WINDOW];
                for (j, column) in columns.iter_mut().enumerate() {
                    let mut u = [S::zero(); WINDOW];
                    for (i, value) in u.iter_mut().enumerate() {
                        let at = point(i * WINDOW + j);
                        for part in 0..parts {
                            *value = S::add(*value, S::load(at.add(part * stride)));
                        }
                    }
                    *column = weight_taps::<S>(u);
                }
                for y in 0..3 {
                    let mut u = [S::zero(); WINDOW];
                    for (j, value) in u.iter_mut().enumerate() {
                        *value = columns[j][y];
                    }
                    for (x, value) in weight_taps::<S>(u).into_iter().enumerate() {
                        S::store(taps.as_mut_ptr().add((y * 3 + x) * S::LANES), value);
                    }
                }
                gradient.scatter(inputs, outputs, input, block * S::LANES, S::LANES, &taps);
            }
        }
    }
}
