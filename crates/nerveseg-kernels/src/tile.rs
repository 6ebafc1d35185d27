//! The one inner loop: a tile of products that lives in registers.
//!
//! Every convolution here ends in sums `C[row][column] = Σ_k A[row][k] · B[k][column]`, where a
//! column is a vector of output channels. [`Walk`] says how `A` lies in memory.

#[cfg(target_arch = "x86_64")]
use crate::simd::{Avx2, Avx512};
use crate::simd::{Portable, Simd};

/// How the rows and the steps of `A` lie in memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Walk {
    /// Rows are pixels (`LANES` apart), steps are channels (1 apart): a convolution of blocks.
    Pixels,
    /// Rows and steps are both neighbours in a plain plane: a convolution of one channel.
    Plane,
    /// Rows are channels (1 apart), steps are pixels (`LANES` apart): a gradient of weights.
    Channels,
}

const PIXELS: u8 = 0;
const PLANE: u8 = 1;
const CHANNELS: u8 = 2;

/// Arguments of one tile.
#[derive(Clone, Copy)]
pub(crate) struct Tile {
    /// First row, first step of `A`.
    pub(crate) a: *const f32,
    /// Where each run of steps begins, from `a`; null where they are `run_step` apart.
    pub(crate) offsets: *const usize,
    pub(crate) run_step: usize,
    /// Number of runs.
    pub(crate) runs: usize,
    /// Steps in a run.
    pub(crate) depth: usize,
    /// `B`: at every step `b_step` on, its columns `b_column` apart.
    pub(crate) b: *const f32,
    pub(crate) b_step: usize,
    pub(crate) b_column: usize,
    /// What the sums start from, one vector a column, or null for zero.
    pub(crate) bias: *const f32,
    /// `C`: rows `c_row` apart, columns `c_column` apart.
    pub(crate) c: *mut f32,
    pub(crate) c_row: usize,
    pub(crate) c_column: usize,
    /// Adds to what is in `C` instead of replacing it.
    pub(crate) accumulate: bool,
    /// Replaces negative results by zero.
    pub(crate) relu: bool,
}

/// Computes a tile.
///
/// # Safety
///
/// The processor has the instruction set. Every address that the tile names (`rows` and `columns`
/// of the function, `runs`·`depth` steps) is valid, and nothing else uses `C` meanwhile.
pub(crate) type TileFn = unsafe fn(&Tile);

/// An instruction set with its table of register tiles.
pub(crate) trait Tiled: Simd {
    /// The function for `rows`×`columns` (from 1 up to `ROWS` and `COLUMNS`).
    fn tile(walk: Walk, rows: usize, columns: usize) -> TileFn;
}

#[inline(always)]
unsafe fn tile<S: Simd, const WALK: u8, const ROWS: usize, const COLUMNS: usize>(t: &Tile) {
    let (row, step) = match WALK {
        PIXELS => (S::LANES, 1),
        PLANE => (1, 1),
        _ => (1, S::LANES),
    };
    // SAFETY: the caller vouches for the instruction set and for every address below.
    unsafe {
        let mut sums = [[S::zero(); COLUMNS]; ROWS];
        if !t.bias.is_null() {
            for column in 0..COLUMNS {
                let bias = S::load(t.bias.add(column * S::LANES));
                for sum in &mut sums {
                    sum[column] = bias;
                }
            }
        }
        let mut b = t.b;
        for run in 0..t.runs {
            let offset = if t.offsets.is_null() {
                run * t.run_step
            } else {
                *t.offsets.add(run)
            };
            let mut a = t.a.add(offset);
            for _ in 0..t.depth {
                let mut columns = [S::zero(); COLUMNS];
                for (j, column) in columns.iter_mut().enumerate() {
                    *column = S::load(b.add(j * t.b_column));
                }
                for (i, sum) in sums.iter_mut().enumerate() {
                    let value = S::splat(a.add(i * row));
                    for j in 0..COLUMNS {
                        sum[j] = S::fma(value, columns[j], sum[j]);
                    }
                }
                a = a.add(step);
                b = b.add(t.b_step);
            }
        }
        for (i, sum) in sums.iter().enumerate() {
            for (j, &value) in sum.iter().enumerate() {
                let to = t.c.add(i * t.c_row + j * t.c_column);
                let mut value = value;
                if t.accumulate {
                    value = S::add(value, S::load(to));
                }
                if t.relu {
                    // in this order what is not a number stays so
                    value = S::max(S::zero(), value);
                }
                S::store(to, value);
            }
        }
    }
}

/// Compiles the tiles of one instruction set: `$rows` by `$columns` for every walk.
macro_rules! tiles {
    ($set:ty, $enter:ident, [$($feature:meta)?], [$($rows:literal)*], $columns:tt) => {
        $(#[$feature])?
        unsafe fn $enter<const WALK: u8, const ROWS: usize, const COLUMNS: usize>(t: &Tile) {
            // SAFETY: the caller vouches for what `tile` asks for; the attribute enables the set.
            unsafe { tile::<$set, WALK, ROWS, COLUMNS>(t) }
        }

        impl Tiled for $set {
            fn tile(walk: Walk, rows: usize, columns: usize) -> TileFn {
                match walk {
                    Walk::Pixels => tiles!(@rows $enter, PIXELS, rows, columns, [$($rows)*], $columns),
                    Walk::Plane => tiles!(@rows $enter, PLANE, rows, columns, [$($rows)*], $columns),
                    Walk::Channels => tiles!(@rows $enter, CHANNELS, rows, columns, [$($rows)*], $columns),
                }
            }
        }
    };
    (@rows $enter:ident, $walk:ident, $r:ident, $c:ident, [$($rows:literal)*], $columns:tt) => {
        match $r {
            $($rows => tiles!(@columns $enter, $walk, $c, $rows, $columns),)*
            _ => unreachable!("a tile of {} rows", $r),
        }
    };
    (@columns $enter:ident, $walk:ident, $c:ident, $rows:literal, [$($columns:literal)*]) => {
        match $c {
            $($columns => $enter::<$walk, $rows, $columns>,)*
            _ => unreachable!("a tile of {} columns", $c),
        }
    };
}

#[cfg(target_arch = "x86_64")]
tiles!(Avx512, avx512, [target_feature(enable = "avx512f")], [1 2 3 4 5 6 7 8 9 10 11 12 13 14], [1 2]);
#[cfg(target_arch = "x86_64")]
tiles!(Avx2, avx2, [target_feature(enable = "avx2,fma")], [1 2 3 4 5 6], [1 2]);
tiles!(Portable, portable, [], [1 2 3 4], [1]);

/// Cuts `count` into parts of at most `most`, as even as can be: `(start, length)`.
pub(crate) fn parts(count: usize, most: usize) -> impl Iterator<Item = (usize, usize)> {
    let pieces = count.div_ceil(most);
    let (short, longer) = (count / pieces.max(1), count % pieces.max(1));
    (0..pieces).map(move |i| (i * short + i.min(longer), short + usize::from(i < longer)))
}
