//! Which weights a run starts from, for the files of the run.

use serde::{Deserialize, Serialize};

/// The artifact that a run starts from. [`Ancestor`](crate::Ancestor) has its tensors.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct InitConfig {
    /// What it is called: a file, or `bundled`.
    pub name: String,
    /// SHA-256 of its tensors, hex.
    pub sha256: String,
    /// Which of its tensors are not taken.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub skip: Option<InitSkip>,
}

/// Tensors that are drawn anew from the seed instead.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum InitSkip {
    /// The output heads: that of the mask and that of presence.
    Head,
}

impl InitSkip {
    /// As it is typed.
    pub fn name(self) -> &'static str {
        match self {
            Self::Head => "head",
        }
    }
}
