//! The list of cases that training should leave out: one case id per line.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use serde::Serialize;
use serde::ser::{SerializeSeq as _, Serializer};

use crate::CaseId;

/// Cases to leave out, each with the reason, in natural order.
///
/// As text, one case per line: the case id, then if there is one the reason as a comment. Anything
/// after `#` is a comment, empty lines are skipped.
///
/// # Examples
///
/// ```
/// use nerveseg_data::audit::ExcludeList;
///
/// let list: ExcludeList = "# reviewed by hand\n1_13 # contradicts 1_14\n\n2_7\n".parse()?;
/// assert_eq!(list.len(), 2);
/// assert!(list.contains("2_7".parse()?));
/// assert_eq!(list.to_string().parse::<ExcludeList>()?, list);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ExcludeList {
    reasons: BTreeMap<CaseId, String>,
}

impl ExcludeList {
    /// Adds a case; a second reason for the same case is appended to the first.
    pub fn insert(&mut self, case_id: CaseId, reason: &str) {
        // a line break in a file name must not start a new entry
        let reason = reason.replace(['\n', '\r'], " ");
        let reasons = self.reasons.entry(case_id).or_default();
        if !reasons.is_empty() && !reason.is_empty() {
            reasons.push_str("; ");
        }
        reasons.push_str(reason.trim());
    }

    /// Whether the case is to be left out.
    pub fn contains(&self, case_id: CaseId) -> bool {
        self.reasons.contains_key(&case_id)
    }

    /// Number of cases to leave out.
    pub fn len(&self) -> usize {
        self.reasons.len()
    }

    /// Whether every case may stay.
    pub fn is_empty(&self) -> bool {
        self.reasons.is_empty()
    }

    /// The cases to leave out with their reasons, in natural order.
    pub fn iter(&self) -> impl Iterator<Item = (CaseId, &str)> {
        self.reasons
            .iter()
            .map(|(&case_id, reason)| (case_id, reason.as_str()))
    }

    /// The cases to leave out, in natural order.
    pub fn case_ids(&self) -> impl Iterator<Item = CaseId> {
        self.reasons.keys().copied()
    }
}

impl fmt::Display for ExcludeList {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (case_id, reason) in &self.reasons {
            match reason.as_str() {
                "" => writeln!(f, "{case_id}")?,
                reason => writeln!(f, "{case_id} # {reason}")?,
            }
        }
        Ok(())
    }
}

/// A line of an exclusion list that is not a case id.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line} of the exclusion list: `{text}` is not a case id such as `12_34`")]
pub struct ParseExcludeError {
    /// Line, counted from 1.
    pub line: usize,
    /// What stands there.
    pub text: String,
}

impl FromStr for ExcludeList {
    type Err = ParseExcludeError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let mut list = Self::default();
        // editors on Windows like to put a byte order mark in front
        let text = text.trim_start_matches('\u{feff}');
        for (index, line) in text.lines().enumerate() {
            let (case_id, reason) = line.split_once('#').unwrap_or((line, ""));
            let case_id = case_id.trim();
            if case_id.is_empty() {
                continue;
            }
            let case_id = case_id.parse().map_err(|_| ParseExcludeError {
                line: index + 1,
                text: case_id.to_owned(),
            })?;
            list.insert(case_id, reason);
        }
        Ok(list)
    }
}

impl Serialize for ExcludeList {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct Entry<'a> {
            case_id: CaseId,
            reason: &'a str,
        }
        let mut entries = serializer.serialize_seq(Some(self.len()))?;
        for (case_id, reason) in self.iter() {
            entries.serialize_element(&Entry { case_id, reason })?;
        }
        entries.end()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_come_in_natural_order_and_survive_a_round_trip() {
        let list: ExcludeList = "\u{feff}10_2\r\n  2_10 # twice\n2_9#why\n# note\n"
            .parse()
            .unwrap();

        assert_eq!(list.to_string(), "2_9 # why\n2_10 # twice\n10_2\n");
        assert_eq!(list.to_string().parse::<ExcludeList>().unwrap(), list);
    }

    #[test]
    fn wrong_line_is_named() {
        let error = "1_2\nfoo.tif\n".parse::<ExcludeList>().unwrap_err();

        assert_eq!((error.line, error.text.as_str()), (2, "foo.tif"));
    }

    #[test]
    fn reason_cannot_smuggle_in_a_second_case() {
        let mut list = ExcludeList::default();
        list.insert("1_1".parse().unwrap(), "bad\n1_2");
        list.insert("1_1".parse().unwrap(), "worse");

        assert_eq!(list.to_string(), "1_1 # bad 1_2; worse\n");
    }
}
