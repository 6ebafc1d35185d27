//! Bilinear upsampling by two, and its adjoint.

use crate::isa::Isa;
use crate::planes::{Maps, MapsMut, Planes};
use crate::simd::Simd;
use crate::stage::Stage;
use crate::team::{Worker, Workspace};
use crate::tile::Tiled;
use crate::{Engine, KernelError, Size, check};

/// Doubles height and width: half-pixel centres, the border repeated (PyTorch's
/// `align_corners=False`).
pub(crate) struct Upsample {
    pub(crate) input: Planes,
    pub(crate) output: Planes,
    /// Of the smaller maps.
    pub(crate) size: Size,
    /// Takes the gradient of the larger maps to that of the smaller ones.
    pub(crate) adjoint: bool,
}

impl Stage for Upsample {
    fn workspace(&self, isa: Isa) -> Workspace {
        Workspace::steps(self.input.vectors(self.size, isa))
    }

    #[inline(always)]
    unsafe fn work<S: Tiled>(&self, worker: &Worker<'_>) {
        let blocks = self.output.blocks();
        let size = self.size;
        let strips = size.height.min(4);
        for task in worker.phase(size.batch * blocks * strips) {
            let (image, rest) = (task / (blocks * strips), task % (blocks * strips));
            let (block, strip) = (rest / strips, rest % strips);
            let rows = size.height * strip / strips..size.height * (strip + 1) / strips;
            // SAFETY: the caller's promise; rows and columns are clamped to the planes.
            unsafe {
                let (input, output) = (self.input.at(image, block), self.output.at(image, block));
                for y in rows {
                    if self.adjoint {
                        upsample_row_backward::<S>(input, output, size, y);
                    } else {
                        upsample_row::<S>(input, output, size, y);
                    }
                }
            }
        }
    }
}

/// Makes two rows of output out of row `y` and its neighbours.
#[inline(always)]
unsafe fn upsample_row<S: Simd>(input: *const f32, output: *mut f32, size: Size, y: usize) {
    let Size { height, width, .. } = size;
    if width == 0 {
        return;
    }
    // SAFETY: neighbours are clamped to the plane.
    unsafe {
        let (most, rest) = (S::set(0.75), S::set(0.25));
        let row = |y: usize| input.add(y * width * S::LANES);
        let near = row(y);
        for (i, next) in [row(y.saturating_sub(1)), row((y + 1).min(height - 1))]
            .into_iter()
            .enumerate()
        {
            let to = output.add((2 * y + i) * 2 * width * S::LANES);
            let mut before = blend::<S>(near, next, most, rest);
            let mut here = before;
            for x in 0..width {
                let after = if x + 1 < width {
                    let place = (x + 1) * S::LANES;
                    blend::<S>(near.add(place), next.add(place), most, rest)
                } else {
                    here
                };
                let to = to.add(2 * x * S::LANES);
                S::store(to, S::fma(here, most, S::mul(before, rest)));
                S::store(to.add(S::LANES), S::fma(here, most, S::mul(after, rest)));
                before = here;
                here = after;
            }
        }
    }
}

#[inline(always)]
unsafe fn blend<S: Simd>(
    near: *const f32,
    next: *const f32,
    most: S::Vector,
    rest: S::Vector,
) -> S::Vector {
    // SAFETY: the caller vouches for both pixels.
    unsafe { S::fma(S::load(near), most, S::mul(S::load(next), rest)) }
}

/// Which outputs an input at `place` of `count` has gone into, and with what weight.
#[inline(always)]
fn shares(place: usize, count: usize) -> [(usize, f32); 4] {
    let first = place == 0;
    let last = place + 1 == count;
    [
        (2 * place.max(1) - 1, if first { 0.0 } else { 0.25 }),
        (2 * place, if first { 1.0 } else { 0.75 }),
        (2 * place + 1, if last { 1.0 } else { 0.75 }),
        (
            (2 * place + 2).min(2 * count - 1),
            if last { 0.0 } else { 0.25 },
        ),
    ]
}

#[inline(always)]
unsafe fn upsample_row_backward<S: Simd>(
    input: *const f32,
    output: *mut f32,
    size: Size,
    y: usize,
) {
    let Size { height, width, .. } = size;
    let rows = shares(y, height);
    for x in 0..width {
        let columns = shares(x, width);
        // SAFETY: `shares` stays inside the larger plane.
        unsafe {
            let mut sum = S::zero();
            for (row, row_share) in rows {
                for (column, share) in columns {
                    let pixel = S::load(input.add((row * 2 * width + column) * S::LANES));
                    sum = S::fma(pixel, S::set(row_share * share), sum);
                }
            }
            S::store(output.add((y * width + x) * S::LANES), sum);
        }
    }
}

impl Engine {
    /// Upsamples `input` of `size` to twice the size: bilinear, half-pixel centres, the border
    /// repeated.
    ///
    /// # Errors
    ///
    /// [`KernelError::Length`].
    pub fn upsample(
        &self,
        input: Maps<'_>,
        output: MapsMut<'_>,
        size: Size,
    ) -> Result<(), KernelError> {
        check("channels", output.channels, input.channels)?;
        let stage = Upsample {
            input: Planes::read(&[input], size, self.isa())?,
            output: Planes::write(&mut [output], size.doubled(), self.isa())?,
            size,
            adjoint: false,
        };
        // SAFETY: lengths were checked just now.
        unsafe { self.run(&stage) };
        Ok(())
    }

    /// The gradient of [`upsample`](Self::upsample): from the larger maps to those of `size`.
    ///
    /// # Errors
    ///
    /// [`KernelError::Length`].
    pub fn upsample_backward(
        &self,
        gradient: Maps<'_>,
        output: MapsMut<'_>,
        size: Size,
    ) -> Result<(), KernelError> {
        check("channels", output.channels, gradient.channels)?;
        let stage = Upsample {
            input: Planes::read(&[gradient], size.doubled(), self.isa())?,
            output: Planes::write(&mut [output], size, self.isa())?,
            size,
            adjoint: true,
        };
        // SAFETY: lengths were checked just now.
        unsafe { self.run(&stage) };
        Ok(())
    }
}
