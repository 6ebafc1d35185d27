//! `sites.json`.

use std::fmt;
use std::fs;
use std::io::ErrorKind;
use std::ops::RangeInclusive;
use std::path::Path;

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::Value;

use super::{OTHER, Sites};
use crate::{DataError, Result};

impl Sites {
    /// Name of the file in a dataset's folder.
    pub const FILE: &str = "sites.json";

    /// Reads and checks `sites.json`; without such a file all subjects are of one site.
    ///
    /// # Errors
    ///
    /// A file that cannot be read, or that is not an object of lists; a site without a name or a
    /// subject, or that is named twice or `other`; an entry that is neither a number nor a range in
    /// order; and a subject that is named twice.
    pub fn load(path: impl AsRef<Path>) -> Result<Self> {
        let path = path.as_ref();
        let bytes = match fs::read(path) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Self::default()),
            Err(source) => {
                return Err(DataError::ReadFile {
                    path: path.to_owned(),
                    source,
                });
            }
        };
        let text = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&bytes);
        let raw = serde_json::from_slice(text).map_err(|source| DataError::ParseSites {
            path: path.to_owned(),
            source,
        })?;
        Self::check(raw).map_err(|reason| DataError::BadSites {
            path: path.to_owned(),
            reason,
        })
    }

    fn check(RawSites(raw): RawSites) -> Result<Self, String> {
        if raw.is_empty() {
            return Err("names no site; without the file there is one, `all`".to_owned());
        }
        let mut names: Vec<String> = Vec::with_capacity(raw.len() + 1);
        let mut ranges = Vec::new();
        for (name, entries) in raw {
            if name.trim().is_empty() {
                return Err("a site has no name".to_owned());
            }
            if name == OTHER {
                return Err(format!(
                    "site `{OTHER}` is that of subjects in no other site and cannot be named"
                ));
            }
            if names.contains(&name) {
                return Err(format!("site `{name}` is there twice"));
            }
            if entries.is_empty() {
                return Err(format!("site `{name}` has no subjects"));
            }
            for entry in &entries {
                let range = range(entry).ok_or_else(|| {
                    format!(
                        "site `{name}`: {entry} is neither the number of a subject nor a range \
                         [first, last] in order"
                    )
                })?;
                ranges.push((range, names.len()));
            }
            names.push(name);
        }
        ranges.sort_by_key(|(range, site)| (*range.start(), *site));
        for pair in ranges.windows(2) {
            let [(before, site), (after, other)] = pair else {
                continue;
            };
            if before.end() >= after.start() {
                return Err(format!(
                    "subject {} is in site `{}` and again in `{}`",
                    after.start(),
                    names[*site],
                    names[*other]
                ));
            }
        }
        names.push(OTHER.to_owned());
        Ok(Self { names, ranges })
    }
}

/// The subjects that one entry of a site stands for.
fn range(entry: &Value) -> Option<RangeInclusive<u32>> {
    let number = |value: &Value| u32::try_from(value.as_u64()?).ok();
    let [first, last] = match entry.as_array().map(Vec::as_slice) {
        None => [number(entry)?; 2],
        Some([first, last]) => [number(first)?, number(last)?],
        Some(_) => return None,
    };
    (first <= last).then_some(first..=last)
}

/// The text of the file; nothing is checked yet. A list keeps the order and names that come twice.
struct RawSites(Vec<(String, Vec<Value>)>);

impl<'de> Deserialize<'de> for RawSites {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(Entries)
    }
}

struct Entries;

impl<'de> Visitor<'de> for Entries {
    type Value = RawSites;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object of sites and their lists of subjects")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<RawSites, A::Error> {
        let mut sites = Vec::new();
        while let Some(site) = map.next_entry()? {
            sites.push(site);
        }
        Ok(RawSites(sites))
    }
}
