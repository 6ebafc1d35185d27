//! What a kernel asks of the team.

/// What a kernel asks for: working memory, in values, and whether other threads are worth waking.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Workspace {
    /// Seen by all threads.
    pub(crate) shared: usize,
    /// For each thread.
    pub(crate) private: usize,
    /// Vector operations, roughly: whether it is worth waking the others.
    pub(crate) steps: usize,
}

impl Workspace {
    /// Work without memory.
    pub(crate) fn steps(steps: usize) -> Self {
        Self {
            steps,
            ..Self::default()
        }
    }

    /// What serves both.
    pub(crate) fn and(self, other: Self) -> Self {
        Self {
            shared: self.shared.max(other.shared),
            private: self.private.max(other.private),
            steps: self.steps.saturating_add(other.steps),
        }
    }
}
