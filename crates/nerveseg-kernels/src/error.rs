//! What can go wrong before a kernel starts.

use crate::Isa;

/// Why a kernel did not run.
#[derive(Debug, thiserror::Error)]
pub enum KernelError {
    /// A slice does not have the length that its shape asks for.
    #[error("{what}: {found} values, expected {expected}")]
    Length {
        /// Which slice.
        what: &'static str,
        /// Its length.
        found: usize,
        /// The length of its shape.
        expected: usize,
    },
    /// Weights are laid out for one instruction set.
    #[error("packed for {packed}, used on {engine}")]
    Isa {
        /// That of the engine that packed them.
        packed: Isa,
        /// That of the engine that was called.
        engine: Isa,
    },
    /// The system refused to start threads, or the build has none.
    #[error("cannot start {threads} threads")]
    Threads {
        /// How many were asked for.
        threads: usize,
        /// Why.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
}

/// Refuses weights that were packed for another instruction set.
pub(crate) fn check_isa(packed: Isa, engine: Isa) -> Result<(), KernelError> {
    if packed == engine {
        return Ok(());
    }
    Err(KernelError::Isa { packed, engine })
}

/// Refuses a slice of the wrong length.
pub(crate) fn check(what: &'static str, found: usize, expected: usize) -> Result<(), KernelError> {
    if found == expected {
        return Ok(());
    }
    Err(KernelError::Length {
        what,
        found,
        expected,
    })
}
