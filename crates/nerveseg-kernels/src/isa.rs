//! Which instruction set a kernel runs on.

use std::fmt;

#[cfg(target_arch = "x86_64")]
use crate::simd::{Avx2, Avx512};
use crate::simd::{Portable, Simd};
use crate::tile::Tiled;

/// An instruction set that this processor has; there is no other way to hold one.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Isa(Set);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Set {
    #[cfg(target_arch = "x86_64")]
    Avx512,
    #[cfg(target_arch = "x86_64")]
    Avx2,
    Portable,
}

impl Isa {
    /// The fastest set of this processor.
    pub fn best() -> Self {
        Self::available()[0]
    }

    /// Every set of this processor, the fastest first; the last one is plain Rust.
    pub fn available() -> Vec<Self> {
        let mut sets = Vec::new();
        #[cfg(target_arch = "x86_64")]
        {
            if is_x86_feature_detected!("avx512f") {
                sets.push(Self(Set::Avx512));
            }
            if is_x86_feature_detected!("avx2") && is_x86_feature_detected!("fma") {
                sets.push(Self(Set::Avx2));
            }
        }
        sets.push(Self(Set::Portable));
        sets
    }

    /// The set of that [name](Self::name), if this processor has it.
    pub fn named(name: &str) -> Option<Self> {
        Self::available().into_iter().find(|isa| isa.name() == name)
    }

    /// `avx512`, `avx2` or `portable`.
    pub fn name(self) -> &'static str {
        match self.0 {
            #[cfg(target_arch = "x86_64")]
            Set::Avx512 => "avx512",
            #[cfg(target_arch = "x86_64")]
            Set::Avx2 => "avx2",
            Set::Portable => "portable",
        }
    }

    /// Channels in a block of the layout: values in one vector.
    pub fn lanes(self) -> usize {
        match self.0 {
            #[cfg(target_arch = "x86_64")]
            Set::Avx512 => Avx512::LANES,
            #[cfg(target_arch = "x86_64")]
            Set::Avx2 => Avx2::LANES,
            Set::Portable => Portable::LANES,
        }
    }

    /// Columns of the register tile, in vectors.
    pub(crate) fn columns(self) -> usize {
        self.register_tile().1
    }

    /// Rows and columns of the register tile.
    pub(crate) fn register_tile(self) -> (usize, usize) {
        match self.0 {
            #[cfg(target_arch = "x86_64")]
            Set::Avx512 => (Avx512::ROWS, Avx512::COLUMNS),
            #[cfg(target_arch = "x86_64")]
            Set::Avx2 => (Avx2::ROWS, Avx2::COLUMNS),
            Set::Portable => (Portable::ROWS, Portable::COLUMNS),
        }
    }

    /// Runs `kernel`, compiled for this set.
    pub(crate) fn run<K: Kernel>(self, kernel: K) {
        match self.0 {
            // SAFETY: an `Isa` exists only where the processor has the set.
            #[cfg(target_arch = "x86_64")]
            Set::Avx512 => unsafe { enter_avx512(kernel) },
            // SAFETY: as above.
            #[cfg(target_arch = "x86_64")]
            Set::Avx2 => unsafe { enter_avx2(kernel) },
            // SAFETY: plain Rust runs everywhere.
            Set::Portable => unsafe { kernel.run::<Portable>() },
        }
    }
}

impl fmt::Debug for Isa {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl fmt::Display for Isa {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// Work that is compiled once for each instruction set.
pub(crate) trait Kernel {
    /// Does it. Implementations are `#[inline(always)]`.
    ///
    /// # Safety
    ///
    /// The processor has the instructions of `S`, and the caller enables them.
    unsafe fn run<S: Tiled>(self);
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx512f")]
unsafe fn enter_avx512<K: Kernel>(kernel: K) {
    // SAFETY: the caller vouches for AVX-512F, and this function enables it.
    unsafe { kernel.run::<Avx512>() }
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2,fma")]
unsafe fn enter_avx2<K: Kernel>(kernel: K) {
    // SAFETY: the caller vouches for AVX2 and FMA, and this function enables them.
    unsafe { kernel.run::<Avx2>() }
}
