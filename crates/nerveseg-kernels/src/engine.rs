//! An instruction set and the threads to run it on.

use std::sync::Arc;

use crate::{Isa, KernelError, Team};

/// Everything a kernel needs besides its data. Cloning shares the threads.
#[derive(Clone, Debug)]
pub struct Engine {
    isa: Isa,
    team: Arc<Team>,
}

impl Engine {
    /// The processor's fastest instructions on `threads` threads; 0 means one for every core.
    ///
    /// # Errors
    ///
    /// [`KernelError::Threads`] if the system refuses.
    pub fn new(threads: usize) -> Result<Self, KernelError> {
        Ok(Self::with_isa(Isa::best(), Arc::new(Team::new(threads)?)))
    }

    /// A given instruction set and team, as tests and comparisons want.
    pub fn with_isa(isa: Isa, team: Arc<Team>) -> Self {
        Self { isa, team }
    }

    /// The instruction set.
    pub fn isa(&self) -> Isa {
        self.isa
    }

    /// The threads.
    pub fn team(&self) -> &Arc<Team> {
        &self.team
    }
}
