//! Which machine or hospital each subject comes from.

mod file;

use std::collections::BTreeSet;
use std::ops::RangeInclusive;

/// The one site of a dataset that names none.
const ALL: &str = "all";
/// The site of subjects that no other one names.
const OTHER: &str = "other";

/// Which machine or hospital each subject comes from: `sites.json` in a dataset's folder.
///
/// The file names sites and their subjects, as numbers and as ranges `[first, last]`, both ends
/// included. Whoever is in none of them is of the site `other`. Without the file there is one site,
/// `all`.
///
/// ```json
/// {"UNS": [[1, 47]], "UBPD": [[1001, 1063], [2001, 2063]], "muscle": [3100]}
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sites {
    /// In the order of the file; the last is that of everybody who is in no range.
    names: Vec<String>,
    /// Subjects and the index of their site, rising; no two ranges meet.
    ranges: Vec<(RangeInclusive<u32>, usize)>,
}

/// One site and those of its subjects that are there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SiteSubjects<'a> {
    /// Name of the site.
    pub name: &'a str,
    /// Its subjects, rising, at least one.
    pub subjects: Vec<u32>,
}

impl Sites {
    /// Whether nothing is said of sites, so that all subjects are of one.
    pub fn is_trivial(&self) -> bool {
        self.ranges.is_empty()
    }

    /// All names: those of the file in its order, then `other`; or `all` alone.
    ///
    /// A site may have no subject in the dataset, or in a part of it; [`Sites::among`] leaves such
    /// sites out.
    pub fn names(&self) -> &[String] {
        &self.names
    }

    /// Index in [`Sites::names`] of the site of a subject, whether or not it is in the dataset.
    pub fn index_of(&self, subject_id: u32) -> usize {
        let next = self
            .ranges
            .partition_point(|(range, _)| *range.start() <= subject_id);
        match self.ranges[..next].last() {
            Some((range, site)) if range.contains(&subject_id) => *site,
            _ => self.names.len() - 1,
        }
    }

    /// Name of the site of a subject, whether or not it is in the dataset.
    pub fn of(&self, subject_id: u32) -> &str {
        &self.names[self.index_of(subject_id)]
    }

    /// These subjects by site, in the order of [`Sites::names`], without the sites that have none
    /// of them.
    pub fn among(&self, subjects: impl IntoIterator<Item = u32>) -> Vec<SiteSubjects<'_>> {
        let mut groups = vec![BTreeSet::new(); self.names.len()];
        for subject_id in subjects {
            groups[self.index_of(subject_id)].insert(subject_id);
        }
        let named = self.names.iter().zip(groups);
        named
            .filter(|(_, group)| !group.is_empty())
            .map(|(name, group)| SiteSubjects {
                name,
                subjects: group.into_iter().collect(),
            })
            .collect()
    }
}

impl Default for Sites {
    /// One site, `all`.
    fn default() -> Self {
        Self {
            names: vec![ALL.to_owned()],
            ranges: Vec::new(),
        }
    }
}
