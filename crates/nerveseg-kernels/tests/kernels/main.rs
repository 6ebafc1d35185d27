//! Every kernel on every instruction set of this machine against plain sums in `f64`.

#[cfg(test)]
mod accuracy;
#[cfg(test)]
mod concurrency;
#[cfg(test)]
mod convolution;
#[cfg(test)]
mod determinism;
#[cfg(test)]
mod differences;
#[cfg(test)]
mod empty;
#[cfg(test)]
mod finish;
#[cfg(test)]
mod head;
#[cfg(test)]
mod image;
#[cfg(test)]
mod isa;
#[cfg(test)]
mod kind;
#[cfg(test)]
mod layout;
#[cfg(test)]
mod lengths;
#[cfg(test)]
mod norm;
#[cfg(test)]
mod one_by_one;
#[cfg(test)]
mod plan;
#[cfg(test)]
mod pool;
#[cfg(test)]
mod reference;
#[cfg(test)]
mod transposed;
#[cfg(test)]
mod upsample;
#[cfg(test)]
mod util;
#[cfg(test)]
mod walk;
