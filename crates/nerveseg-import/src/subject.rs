//! Whom an image shows. A wrong answer is a leak, so there is none without a reason.

use std::collections::{BTreeMap, BTreeSet};
use std::str::FromStr;
use std::sync::LazyLock;

use regex::Regex;

use crate::item::Item;
use crate::{ImportError, Result};

/// How the subject is told from the name of an image.
#[derive(Clone, Debug, Default)]
pub enum SubjectRule {
    /// By what the layout says, else by names such as `p01_001`, `12_34` and `sub-01_img`.
    #[default]
    Automatic,
    /// The folder that the image is in.
    Folder,
    /// The first group of a pattern over the path without its ending.
    Pattern(Regex),
}

impl FromStr for SubjectRule {
    type Err = ImportError;

    fn from_str(text: &str) -> Result<Self> {
        if text.eq_ignore_ascii_case("folder") {
            return Ok(Self::Folder);
        }
        let bad = |reason: String| ImportError::BadPattern {
            pattern: text.to_owned(),
            reason,
        };
        let pattern = Regex::new(text).map_err(|error| bad(error.to_string()))?;
        if pattern.captures_len() < 2 {
            return Err(bad(
                "a group in parentheses has to say which part is the person".into(),
            ));
        }
        Ok(Self::Pattern(pattern))
    }
}

/// A word for people (or none) and a number, then the number of the image.
static PERSON_IMAGE: LazyLock<Regex> = LazyLock::new(|| {
    let words = "p|pat|patient|s|sub|subj|subject|person|volunteer|id";
    Regex::new(&format!(
        r"(?i)^((?:{words})[_-]?\d+|\d{{1,4}})[_-](?:[a-z]+[_-]?)?\d+$"
    ))
    .expect("the pattern is valid")
});
/// As BIDS has it.
static BIDS: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"^(sub-[A-Za-z0-9]+)(?:_|$)").expect("the pattern is valid"));

impl SubjectRule {
    /// The name of the person in each image.
    pub(crate) fn names(&self, items: &[Item]) -> Result<Vec<String>> {
        let names: Vec<Option<String>> = items.iter().map(|item| self.name(item)).collect();
        let mut unknown = items.iter().zip(&names).filter(|(_, name)| name.is_none());
        if let Some((item, _)) = unknown.next() {
            return Err(ImportError::NoSubject {
                name: item.source.clone(),
                others: unknown.count(),
            });
        }
        Ok(names.into_iter().flatten().collect())
    }

    fn name(&self, item: &Item) -> Option<String> {
        let (folder, stem) = match item.name.rsplit_once('/') {
            Some((folder, stem)) => (Some(folder), stem),
            None => (None, item.name.as_str()),
        };
        let first = |pattern: &Regex, text: &str| {
            let group = pattern.captures(text)?.get(1)?.as_str().to_owned();
            (!group.is_empty()).then_some(group)
        };
        match self {
            Self::Pattern(pattern) => first(pattern, &item.name),
            Self::Folder => folder.map(str::to_owned),
            Self::Automatic => {
                let folder = folder.filter(|it| it.contains(|c: char| c.is_ascii_digit()));
                let own = || first(&PERSON_IMAGE, stem).or_else(|| first(&BIDS, stem));
                match &item.subject {
                    // a place for the name that is empty leaves no room for guesses
                    Some(name) => Some(name.trim().to_owned()).filter(|name| !name.is_empty()),
                    None => folder.map(str::to_owned).or_else(own),
                }
            }
        }
    }
}

/// Subject and image number of each item, both from 1, in natural order of the names.
///
/// With `keep`, names that are numbers keep them.
pub(crate) fn number(names: &[String], items: &[Item], keep: bool) -> Vec<[u32; 2]> {
    let distinct: BTreeSet<(Vec<Part>, &str)> = names
        .iter()
        .map(|name| (natural(name), name.as_str()))
        .collect();
    let own: Option<BTreeSet<u32>> = distinct.iter().map(|(_, name)| plain(name)).collect();
    let keep = keep && own.is_some_and(|own| own.len() == distinct.len());
    let subjects: BTreeMap<&str, u32> = distinct
        .iter()
        .zip(1..)
        .map(|(&(_, name), number)| (name, plain(name).filter(|_| keep).unwrap_or(number)))
        .collect();
    let mut order: Vec<usize> = (0..items.len()).collect();
    order.sort_by_cached_key(|&index| natural(&items[index].source));
    let mut images = BTreeMap::<&str, u32>::new();
    let mut numbers = vec![[0; 2]; items.len()];
    for index in order {
        let name = names[index].as_str();
        let image = images.entry(name).or_default();
        *image += 1;
        numbers[index] = [subjects[name], *image];
    }
    numbers
}

fn plain(name: &str) -> Option<u32> {
    name.bytes()
        .all(|it| it.is_ascii_digit())
        .then(|| name.parse().ok())?
}

/// A stretch of a name: digits compare as numbers.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Part {
    Number(u64),
    Text(String),
}

fn natural(name: &str) -> Vec<Part> {
    let chars: Vec<char> = name.chars().collect();
    chars
        .chunk_by(|a, b| a.is_ascii_digit() == b.is_ascii_digit())
        .map(|stretch| {
            let text: String = stretch.iter().collect();
            text.parse().map_or(Part::Text(text), Part::Number)
        })
        .collect()
}
