//! The optimiser's step.

use crate::isa::Isa;
use crate::shared::Shared;
use crate::simd::Simd;
use crate::stage::Stage;
use crate::team::{Worker, Workspace};
use crate::tile::Tiled;
use crate::{Engine, KernelError, check};

/// Values of one task.
const CHUNK: usize = 1 << 15;

/// Numbers of one step of Adam (Kingma & Ba, 2015, arXiv:1412.6980).
#[derive(Clone, Copy, Debug)]
pub struct AdamStep {
    /// Step size.
    pub learning_rate: f64,
    /// Decay of the first moment.
    pub beta1: f64,
    /// Decay of the second moment.
    pub beta2: f64,
    /// Added to the root of the second moment.
    pub epsilon: f64,
    /// Which step, from 1.
    pub step: usize,
}

/// One parameter in Adam's hands.
struct Adam {
    parameter: Shared,
    first: Shared,
    second: Shared,
    gradient: Shared,
    len: usize,
    numbers: [f32; 6],
}

impl Stage for Adam {
    fn workspace(&self, isa: Isa) -> Workspace {
        Workspace::steps(4 * self.len / isa.lanes())
    }

    #[inline(always)]
    unsafe fn work<S: Tiled>(&self, worker: &Worker<'_>) {
        for task in worker.phase(self.len.div_ceil(CHUNK)) {
            let start = task * CHUNK;
            let end = (start + CHUNK).min(self.len);
            let whole = start + (end - start) / S::LANES * S::LANES;
            // SAFETY: `adam` checked the lengths; the last values that fill no vector go through
            // a vector on the stack.
            unsafe {
                for i in (start..whole).step_by(S::LANES) {
                    self.step::<S>(
                        [self.parameter, self.first, self.second].map(|p| p.add(i)),
                        self.gradient.add(i),
                    );
                }
                if whole < end {
                    let count = end - whole;
                    let mut rest = [[0.0_f32; 16]; 4];
                    let ends = [self.parameter, self.first, self.second, self.gradient];
                    for (rest, from) in rest.iter_mut().zip(ends) {
                        from.add(whole)
                            .copy_to_nonoverlapping(rest.as_mut_ptr(), count);
                    }
                    let [parameter, first, second, gradient] = &mut rest;
                    self.step::<S>(
                        [
                            parameter.as_mut_ptr(),
                            first.as_mut_ptr(),
                            second.as_mut_ptr(),
                        ],
                        gradient.as_ptr(),
                    );
                    let ends = [self.parameter, self.first, self.second];
                    for (rest, to) in rest.iter().zip(ends) {
                        to.add(whole).copy_from_nonoverlapping(rest.as_ptr(), count);
                    }
                }
            }
        }
    }
}

impl Adam {
    #[inline(always)]
    unsafe fn step<S: Simd>(&self, state: [*mut f32; 3], gradient: *const f32) {
        let [parameter, first, second] = state;
        let [beta1, rest1, beta2, rest2, rate, epsilon] = self.numbers;
        // SAFETY: the caller vouches for a vector at every address.
        unsafe {
            let g = S::load(gradient);
            let m = S::fma(S::load(first), S::set(beta1), S::mul(g, S::set(rest1)));
            let scaled = S::mul(S::mul(g, g), S::set(rest2));
            let v = S::fma(S::load(second), S::set(beta2), scaled);
            S::store(first, m);
            S::store(second, v);
            let step = S::div(S::mul(m, S::set(rate)), S::add(S::sqrt(v), S::set(epsilon)));
            S::store(parameter, S::sub(S::load(parameter), step));
        }
    }
}

impl Engine {
    /// Takes a step of Adam: moves `parameter` against its `gradient` and updates both moments.
    ///
    /// # Errors
    ///
    /// [`KernelError::Length`] if the four differ in length.
    pub fn adam(
        &self,
        parameter: &mut [f32],
        [first, second]: [&mut [f32]; 2],
        gradient: &[f32],
        step: AdamStep,
    ) -> Result<(), KernelError> {
        let len = parameter.len();
        check("first moment", first.len(), len)?;
        check("second moment", second.len(), len)?;
        check("gradient", gradient.len(), len)?;
        // lr·m̂ / (√v̂ + ε) with both corrections folded into the rate and ε
        let taken = i32::try_from(step.step).unwrap_or(i32::MAX);
        let correction1 = 1.0 - step.beta1.powi(taken);
        let correction2 = (1.0 - step.beta2.powi(taken)).sqrt();
        let numbers = [
            step.beta1,
            1.0 - step.beta1,
            step.beta2,
            1.0 - step.beta2,
            step.learning_rate * correction2 / correction1,
            step.epsilon * correction2,
        ];
        let stage = Adam {
            parameter: Shared::write(parameter),
            first: Shared::write(first),
            second: Shared::write(second),
            gradient: Shared::read(gradient),
            len,
            numbers: numbers.map(|number| number as f32),
        };
        // SAFETY: lengths were checked just now.
        unsafe { self.run(&stage) };
        Ok(())
    }
}
