//! Winograd's minimal filtering F(4×4, 3×3) (Lavin & Gray, 2016, arXiv:1509.09308).
//!
//! Sixteen outputs of a 3×3 convolution take 36 products instead of 144. The transforms evaluate
//! polynomials at 0, ±√½, ±√2 and ∞: with these points the numbers stay of one size, and the
//! error is about a third of that with the usual 0, ±1, ±2, ∞.

mod forward;
mod gradient;
mod weights;

pub(crate) use forward::{Forward, Method};
pub(crate) use gradient::WeightGradient;
pub(crate) use weights::pack;

use crate::Size;
use crate::planes::Planes;
use crate::simd::Simd;

/// Side of a tile of outputs.
pub(crate) const TILE: usize = 4;
/// Side of the window of inputs that a tile sees.
pub(crate) const WINDOW: usize = 6;
/// Products of a tile: points of its transform.
pub(crate) const POINTS: usize = WINDOW * WINDOW;

/// Values of padding between the points, so that 36 stores do not fall on one cache set.
const GAP: usize = 16;

/// √½ and √2, the points.
const NEAR: f32 = std::f32::consts::FRAC_1_SQRT_2;
const FAR: f32 = std::f32::consts::SQRT_2;

/// Transforms six inputs: `Bᵀ·d`.
#[inline(always)]
unsafe fn input_points<S: Simd>(d: [S::Vector; 6]) -> [S::Vector; 6] {
    // SAFETY: the caller vouches for the instruction set.
    unsafe {
        let [minus_5_2, minus_2, minus_1_2] = [S::set(-2.5), S::set(-2.0), S::set(-0.5)];
        let near_even = S::fma(minus_2, d[2], d[4]);
        let near_odd = S::fma(minus_2, d[1], d[3]);
        let far_even = S::fma(minus_1_2, d[2], d[4]);
        let far_odd = S::fma(minus_1_2, d[1], d[3]);
        [
            S::add(S::fma(minus_5_2, d[2], d[0]), d[4]),
            S::fma(S::set(NEAR), near_odd, near_even),
            S::fma(S::set(-NEAR), near_odd, near_even),
            S::fma(S::set(FAR), far_odd, far_even),
            S::fma(S::set(-FAR), far_odd, far_even),
            S::add(S::fma(minus_5_2, d[3], d[1]), d[5]),
        ]
    }
}

/// Brings six products back to four outputs: `Aᵀ·m`.
#[inline(always)]
unsafe fn output_pixels<S: Simd>(m: [S::Vector; 6]) -> [S::Vector; 4] {
    // SAFETY: the caller vouches for the instruction set.
    unsafe {
        let near_sum = S::add(m[1], m[2]);
        let near_difference = S::sub(m[1], m[2]);
        let far_sum = S::add(m[3], m[4]);
        let far_difference = S::sub(m[3], m[4]);
        [
            S::add(S::add(m[0], near_sum), far_sum),
            S::fma(
                S::set(FAR),
                far_difference,
                S::mul(S::set(NEAR), near_difference),
            ),
            S::fma(S::set(2.0), far_sum, S::mul(S::set(0.5), near_sum)),
            S::fma(
                S::set(2.0 * FAR),
                far_difference,
                S::fma(S::set(0.5 * NEAR), near_difference, m[5]),
            ),
        ]
    }
}

/// The adjoint of [`output_pixels`], `A·y`: what the gradient of four outputs says of six products.
#[inline(always)]
unsafe fn gradient_points<S: Simd>(y: [S::Vector; 4]) -> [S::Vector; 6] {
    // SAFETY: the caller vouches for the instruction set.
    unsafe {
        let near_even = S::fma(S::set(0.5), y[2], y[0]);
        let near_odd = S::fma(S::set(0.5), y[3], y[1]);
        let far_even = S::fma(S::set(2.0), y[2], y[0]);
        let far_odd = S::fma(S::set(2.0), y[3], y[1]);
        [
            y[0],
            S::fma(S::set(NEAR), near_odd, near_even),
            S::fma(S::set(-NEAR), near_odd, near_even),
            S::fma(S::set(FAR), far_odd, far_even),
            S::fma(S::set(-FAR), far_odd, far_even),
            y[3],
        ]
    }
}

/// Transforms three weights: `G·g`.
#[inline(always)]
unsafe fn weight_points<S: Simd>(g: [S::Vector; 3]) -> [S::Vector; 6] {
    // SAFETY: the caller vouches for the instruction set.
    unsafe {
        let near_even = S::mul(S::set(-2.0 / 3.0), S::fma(S::set(0.5), g[2], g[0]));
        let near_odd = S::mul(S::set(-FAR / 3.0), g[1]);
        let far_even = S::mul(S::set(1.0 / 6.0), S::fma(S::set(2.0), g[2], g[0]));
        let far_odd = S::mul(S::set(FAR / 6.0), g[1]);
        [
            g[0],
            S::add(near_even, near_odd),
            S::sub(near_even, near_odd),
            S::add(far_even, far_odd),
            S::sub(far_even, far_odd),
            g[2],
        ]
    }
}

/// The adjoint of [`weight_points`], `Gᵀ·u`.
#[inline(always)]
unsafe fn weight_taps<S: Simd>(u: [S::Vector; 6]) -> [S::Vector; 3] {
    // SAFETY: the caller vouches for the instruction set.
    unsafe {
        let near_even = S::mul(S::set(-2.0 / 3.0), S::add(u[1], u[2]));
        let near_odd = S::mul(S::set(-FAR / 3.0), S::sub(u[1], u[2]));
        let far_even = S::mul(S::set(1.0 / 6.0), S::add(u[3], u[4]));
        let far_odd = S::mul(S::set(FAR / 6.0), S::sub(u[3], u[4]));
        [
            S::add(u[0], S::add(near_even, far_even)),
            S::add(near_odd, far_odd),
            S::fma(S::set(0.5), near_even, S::fma(S::set(2.0), far_even, u[5])),
        ]
    }
}

/// Where the tiles of a batch lie.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Tiling {
    pub(crate) rows: usize,
    pub(crate) columns: usize,
    pub(crate) count: usize,
}

impl Tiling {
    pub(crate) fn new(size: Size) -> Self {
        let (rows, columns) = (size.height.div_ceil(TILE), size.width.div_ceil(TILE));
        Self {
            rows,
            columns,
            count: size.batch * rows * columns,
        }
    }

    /// Image, first row and first column of a tile.
    #[inline(always)]
    pub(crate) fn place(self, tile: usize) -> (usize, usize, usize) {
        let (line, column) = (tile / self.columns, tile % self.columns);
        (line / self.rows, line % self.rows * TILE, column * TILE)
    }
}

/// Part `index` of `0..count` cut into `pieces`.
#[inline(always)]
fn part(count: usize, pieces: usize, index: usize) -> (usize, usize) {
    (count * index / pieces, count * (index + 1) / pieces)
}

/// Transforms the windows of tiles `start..end` of one block, one vector apart in `to`.
///
/// # Safety
///
/// The instruction set; the tiles and the block are in range; `to` has room for the tiles at each
/// of 36 points, `stride` values apart.
#[inline(always)]
unsafe fn transform_windows<S: Simd>(
    input: Planes,
    size: Size,
    block: usize,
    (start, end): (usize, usize),
    to: *mut f32,
    stride: usize,
) {
    let tiling = Tiling::new(size);
    for tile in start..end {
        let (image, y, x) = tiling.place(tile);
        // SAFETY: the caller's promise.
        unsafe {
            let plane = input.at(image, block);
            let to = to.add((tile - start) * S::LANES);
            transform_window::<S>(plane, (size.height, size.width), (y, x), to, stride);
        }
    }
}

/// Transforms the window of one tile of one block: 36 vectors, `stride` values apart.
///
/// # Safety
///
/// The instruction set; `plane` is a plane of `height`×`width` vectors; `to` is valid.
#[inline(always)]
unsafe fn transform_window<S: Simd>(
    plane: *const f32,
    (height, width): (usize, usize),
    (y, x): (usize, usize),
    to: *mut f32,
    stride: usize,
) {
    // SAFETY: inside the plane the window is read where it lies; at the border its pixels are
    // copied one by one, and those outside stay zero.
    unsafe {
        let inside = y >= 1 && x >= 1 && y + 5 <= height && x + 5 <= width;
        if inside {
            let window = plane.add(((y - 1) * width + x - 1) * S::LANES);
            transform::<S>(window, width * S::LANES, to, stride);
            return;
        }
        let mut window = [[S::zero(); WINDOW]; WINDOW];
        for (i, row) in window.iter_mut().enumerate() {
            let from_y = (y + i).wrapping_sub(1);
            if from_y >= height {
                continue;
            }
            for (j, value) in row.iter_mut().enumerate() {
                let from_x = (x + j).wrapping_sub(1);
                if from_x < width {
                    *value = S::load(plane.add((from_y * width + from_x) * S::LANES));
                }
            }
        }
        transform::<S>(window.as_ptr().cast(), WINDOW * S::LANES, to, stride);
    }
}

/// `Bᵀ·d·B` of a window whose rows are `pitch` values apart.
#[expect(
    clippy::needless_range_loop,
    reason = "the index is that of the inner arrays"
)]
#[inline(always)]
unsafe fn transform<S: Simd>(window: *const f32, pitch: usize, to: *mut f32, stride: usize) {
    // SAFETY: the caller vouches for 6×6 vectors in the window and for the 36 places of `to`.
    unsafe {
        let mut columns = [[S::zero(); WINDOW]; WINDOW];
        for (x, column) in columns.iter_mut().enumerate() {
            let mut d = [S::zero(); WINDOW];
            for (y, value) in d.iter_mut().enumerate() {
                *value = S::load(window.add(y * pitch + x * S::LANES));
            }
            *column = input_points::<S>(d);
        }
        for i in 0..WINDOW {
            let mut row = [S::zero(); WINDOW];
            for (x, value) in row.iter_mut().enumerate() {
                *value = columns[x][i];
            }
            for (j, value) in input_points::<S>(row).into_iter().enumerate() {
                S::store(to.add((i * WINDOW + j) * stride), value);
            }
        }
    }
}
