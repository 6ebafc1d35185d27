//! Which of several labels is the nerve.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use ndarray::Array2;
use nerveseg_data::{Labels, Mask};

use crate::{ImportError, Result};

/// The name that is looked for where none is given.
const USUAL: &str = "nerve";

/// Which of several labels is the nerve.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LabelChoice {
    /// Its name, in layouts whose labels have names.
    pub name: Option<String>,
    /// Its number, in masks that are pictures.
    pub value: Option<u16>,
}

impl LabelChoice {
    /// The name among `names`: the one asked for, the only one, or `nerve`.
    pub(crate) fn name_of(&self, names: &BTreeSet<String>, path: &Path) -> Result<String> {
        let which = || ImportError::WhichLabel {
            path: path.to_owned(),
            names: names.iter().cloned().collect::<Vec<_>>().join(", "),
        };
        let find = |wanted: &str| {
            let mut found = names.iter().filter(|it| it.eq_ignore_ascii_case(wanted));
            found.next().cloned()
        };
        match (&self.name, names.len()) {
            (Some(name), _) => find(name).ok_or_else(which),
            (None, 1) => Ok(names.first().cloned().unwrap_or_default()),
            (None, _) => find(USUAL).ok_or_else(which),
        }
    }

    /// The number that stands for the nerve, of labels that have numbers and names.
    pub(crate) fn value_of(&self, labels: &BTreeMap<String, u16>, path: &Path) -> Result<u16> {
        if let Some(value) = self.value {
            return Ok(value);
        }
        let nerves: BTreeSet<String> = labels
            .iter()
            .filter(|&(name, &value)| value != 0 && name != "ignore")
            .map(|(name, _)| name.clone())
            .collect();
        Ok(labels[&self.name_of(&nerves, path)?])
    }

    /// The mask in a picture without names: two values, or the number asked for.
    pub(crate) fn mask(&self, labels: &Labels, path: &Path) -> Result<Mask> {
        match self.value {
            Some(value) => Ok(pick(&labels.values, value)),
            None => Ok(labels.mask(path)?.0),
        }
    }
}

/// Where the labels have this value.
pub(crate) fn pick(labels: &Array2<u16>, value: u16) -> Mask {
    labels.mapv(|label| label == value)
}
