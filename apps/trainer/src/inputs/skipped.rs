//! Files that inputs name and that are no frames.

use std::fmt;

/// How many files were left out, and why.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Skipped {
    /// `NAME_mask.EXT`.
    pub(crate) masks: usize,
    /// What a prediction wrote.
    pub(crate) predictions: usize,
    /// Names that begin with a dot.
    pub(crate) hidden: usize,
    /// Files that were named before.
    pub(crate) repeated: usize,
}

impl Skipped {
    /// All of them.
    pub(crate) fn count(self) -> usize {
        self.masks + self.predictions + self.hidden + self.repeated
    }
}

impl fmt::Display for Skipped {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let reasons = [
            (self.masks, "masks (`NAME_mask.EXT`)"),
            (self.predictions, "files that `nerveseg predict` wrote"),
            (self.hidden, "hidden"),
            (self.repeated, "named twice"),
        ];
        let reasons = reasons.into_iter().filter(|(count, _)| *count > 0);
        let words: Vec<String> = reasons.map(|(n, what)| format!("{n} {what}")).collect();
        write!(f, "left out: {}", words.join(", "))
    }
}
