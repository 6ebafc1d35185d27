//! Max pooling 2×2 and its gradient.

use crate::isa::Isa;
use crate::planes::{Maps, MapsMut, Planes};
use crate::simd::Simd;
use crate::stage::Stage;
use crate::team::{Worker, Workspace};
use crate::tile::Tiled;
use crate::{Engine, KernelError, Size, check};

/// The largest of every 2×2; an odd last row or column is dropped.
pub(crate) struct Pool {
    pub(crate) input: Planes,
    pub(crate) output: Planes,
    /// Of the input.
    pub(crate) size: Size,
}

impl Stage for Pool {
    fn workspace(&self, isa: Isa) -> Workspace {
        Workspace::steps(self.input.vectors(self.size, isa))
    }

    #[inline(always)]
    unsafe fn work<S: Tiled>(&self, worker: &Worker<'_>) {
        let blocks = self.output.blocks();
        let (size, half) = (self.size, self.size.halved());
        for task in worker.phase(size.batch * blocks) {
            let (image, block) = (task / blocks, task % blocks);
            // SAFETY: the caller's promise; windows lie inside the plane.
            unsafe {
                let (input, output) = (self.input.at(image, block), self.output.at(image, block));
                for y in 0..half.height {
                    for x in 0..half.width {
                        let window = window::<S>(input, size, y, x);
                        let largest = largest::<S>(window);
                        S::store(output.add((y * half.width + x) * S::LANES), largest);
                    }
                }
            }
        }
    }
}

/// The gradient of pooling: it goes to the first of the largest values of a window.
struct PoolGradient {
    input: Planes,
    gradient: Planes,
    output: Planes,
    size: Size,
}

impl Stage for PoolGradient {
    fn workspace(&self, isa: Isa) -> Workspace {
        Workspace::steps(self.input.vectors(self.size, isa))
    }

    #[inline(always)]
    unsafe fn work<S: Tiled>(&self, worker: &Worker<'_>) {
        let blocks = self.output.blocks();
        let (size, half) = (self.size, self.size.halved());
        for task in worker.phase(size.batch * blocks) {
            let (image, block) = (task / blocks, task % blocks);
            // SAFETY: the caller's promise; windows lie inside the plane.
            unsafe {
                let input = self.input.at(image, block);
                let gradient = self.gradient.at(image, block);
                let output = self.output.at(image, block);
                for y in 0..half.height {
                    for x in 0..half.width {
                        let window = window::<S>(input, size, y, x);
                        let largest = largest::<S>(window);
                        let mut left = S::load(gradient.add((y * half.width + x) * S::LANES));
                        for (i, value) in window.into_iter().enumerate() {
                            let share = S::keep_if_equal(value, largest, left);
                            left = S::sub(left, share);
                            let place = (2 * y + i / 2) * size.width + 2 * x + i % 2;
                            S::store(output.add(place * S::LANES), share);
                        }
                    }
                    if size.width % 2 == 1 {
                        for row in [2 * y, 2 * y + 1] {
                            let place = row * size.width + size.width - 1;
                            S::store(output.add(place * S::LANES), S::zero());
                        }
                    }
                }
                if size.height % 2 == 1 {
                    let last = (size.height - 1) * size.width;
                    for x in 0..size.width {
                        S::store(output.add((last + x) * S::LANES), S::zero());
                    }
                }
            }
        }
    }
}

#[inline(always)]
unsafe fn window<S: Simd>(plane: *const f32, size: Size, y: usize, x: usize) -> [S::Vector; 4] {
    // SAFETY: the caller vouches for the window.
    unsafe {
        let top = plane.add((2 * y * size.width + 2 * x) * S::LANES);
        let low = top.add(size.width * S::LANES);
        [
            S::load(top),
            S::load(top.add(S::LANES)),
            S::load(low),
            S::load(low.add(S::LANES)),
        ]
    }
}

/// The largest of four, lane by lane.
#[inline(always)]
pub(crate) unsafe fn largest<S: Simd>([a, b, c, d]: [S::Vector; 4]) -> S::Vector {
    // SAFETY: the caller vouches for the instruction set.
    unsafe { S::max(S::max(a, b), S::max(c, d)) }
}

impl Engine {
    /// Takes the largest of every 2×2 of `input`, which is of `size`.
    ///
    /// # Errors
    ///
    /// [`KernelError::Length`].
    pub fn pool(
        &self,
        input: Maps<'_>,
        output: MapsMut<'_>,
        size: Size,
    ) -> Result<(), KernelError> {
        check("channels", output.channels, input.channels)?;
        let stage = Pool {
            input: Planes::read(&[input], size, self.isa())?,
            output: Planes::write(&mut [output], size.halved(), self.isa())?,
            size,
        };
        // SAFETY: lengths were checked just now.
        unsafe { self.run(&stage) };
        Ok(())
    }

    /// The gradient of [`pool`](Self::pool): of its `input`, from the `gradient` of its output.
    ///
    /// # Errors
    ///
    /// [`KernelError::Length`].
    pub fn pool_backward(
        &self,
        input: Maps<'_>,
        gradient: Maps<'_>,
        output: MapsMut<'_>,
        size: Size,
    ) -> Result<(), KernelError> {
        check("channels", gradient.channels, input.channels)?;
        check("channels", output.channels, input.channels)?;
        let stage = PoolGradient {
            input: Planes::read(&[input], size, self.isa())?,
            gradient: Planes::read(&[gradient], size.halved(), self.isa())?,
            output: Planes::write(&mut [output], size, self.isa())?,
            size,
        };
        // SAFETY: lengths were checked just now.
        unsafe { self.run(&stage) };
        Ok(())
    }
}
