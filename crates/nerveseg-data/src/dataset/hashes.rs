//! What every case holds, as hashes, and what has changed since.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use sha2::{Digest as _, Sha256};

use crate::{CaseId, hex};

/// SHA-256 of the images and masks of cases.
///
/// As text it has the lines of which [`Dataset::fingerprint`](crate::Dataset::fingerprint) is the
/// hash, and parses back.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FileHashes {
    pub(super) lines: BTreeMap<CaseId, Line>,
}

/// The hashes of one case, hex.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Line {
    pub(super) image: String,
    /// Empty for a frame of the test set.
    pub(super) mask: String,
}

impl FileHashes {
    /// These hashes and others.
    #[must_use]
    pub fn with(mut self, mut others: Self) -> Self {
        self.lines.append(&mut others.lines);
        self
    }

    /// The cases, in natural order.
    pub fn cases(&self) -> impl Iterator<Item = CaseId> {
        self.lines.keys().copied()
    }

    /// SHA-256 over all of them, hex.
    pub fn fingerprint(&self) -> String {
        hex(&Sha256::digest(self.to_string()))
    }

    /// What is different from what was there `before`.
    pub fn changes_since(&self, before: &Self) -> DataChanges {
        let kept = || {
            let pairs = self.lines.iter();
            pairs.filter_map(|(id, now)| Some((*id, before.lines.get(id)?, now)))
        };
        let changed = |differ: fn(&Line, &Line) -> bool| {
            let changed = kept().filter(|(_, old, new)| differ(old, new));
            changed.map(|(id, ..)| id).collect()
        };
        DataChanges {
            added: missing(before, self),
            removed: missing(self, before),
            images: changed(|old, new| old.image != new.image),
            masks: changed(|old, new| old.mask != new.mask),
        }
    }
}

/// Cases of `there` that are not `here`.
fn missing(here: &FileHashes, there: &FileHashes) -> Vec<CaseId> {
    let ids = there.lines.keys().copied();
    ids.filter(|id| !here.lines.contains_key(id)).collect()
}

impl fmt::Display for FileHashes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.lines
            .iter()
            .try_for_each(|(id, Line { image, mask })| writeln!(f, "{id} {image} {mask}"))
    }
}

impl FromStr for FileHashes {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let line = |line: &str| {
            let mut words = line.split(' ').map(str::to_owned);
            let (Some(id), Some(image), Some(mask), None) =
                (words.next(), words.next(), words.next(), words.next())
            else {
                return Err(format!("`{line}` is not a case and two hashes"));
            };
            Ok((id.parse()?, Line { image, mask }))
        };
        let lines = text.lines().map(line).collect::<Result<_, _>>()?;
        Ok(Self { lines })
    }
}

/// How the files of a dataset differ from those that were there before.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DataChanges {
    /// Cases that were not there.
    pub added: Vec<CaseId>,
    /// Cases that are gone.
    pub removed: Vec<CaseId>,
    /// Cases with another image.
    pub images: Vec<CaseId>,
    /// Cases with another mask.
    pub masks: Vec<CaseId>,
}

impl DataChanges {
    /// Whether nothing has changed.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

impl fmt::Display for DataChanges {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        /// Cases that are named of each kind.
        const NAMED: usize = 5;
        let kinds = [
            (&self.added, "added"),
            (&self.removed, "removed"),
            (&self.images, "with another image"),
            (&self.masks, "with another label"),
        ];
        let mut separator = "";
        for (cases, what) in kinds.into_iter().filter(|(cases, _)| !cases.is_empty()) {
            let count = cases.len();
            let frames = if count == 1 { "frame" } else { "frames" };
            let names: Vec<String> = cases.iter().take(NAMED).map(CaseId::to_string).collect();
            let more = if count > NAMED { ", …" } else { "" };
            let names = names.join(", ");
            write!(f, "{separator}{count} {frames} {what} ({names}{more})")?;
            separator = ", ";
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hashes(text: &str) -> FileHashes {
        text.parse().unwrap()
    }

    #[test]
    fn text_survives() {
        let text = "1_2 ab cd\n1_10 ab 12\n2_1 ff \n";

        assert_eq!(hashes(text).to_string(), text);
        for odd in ["1_1 ab", "1_1 a b c", "x a b"] {
            assert!(odd.parse::<FileHashes>().is_err(), "{odd}");
        }
    }

    #[test]
    fn changes_are_told_apart_and_named() {
        let before = hashes("1_1 a a\n1_2 b b\n1_3 c c\n2_1 d d\n");
        let now = hashes("1_1 a a\n1_2 x b\n1_3 c x\n3_1 e e\n3_2 e e\n");

        assert_eq!(
            now.changes_since(&before).to_string(),
            "2 frames added (3_1, 3_2), 1 frame removed (2_1), \
             1 frame with another image (1_2), 1 frame with another label (1_3)"
        );
        assert!(now.changes_since(&now).is_empty());
    }
}
